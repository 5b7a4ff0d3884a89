import type { Params } from 'nestjs-pino';
import type { Config } from '../config/config.js';
import type { LogOutput } from './log-output.js';
import { currentRequestId, currentRunId } from './request-id.js';

/** Headers that carry a secret; bodies are never logged. */
const SECRET = ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'];

/** Pino's number for it. */
const INFO = 30;

/** Parts of Nest that describe their own start, which is of no use to whoever runs the server. */
const NEST_STARTING = new Set(['NestApplication', 'RouterExplorer', 'RoutesResolver', 'WebSocketsController']);

/** JSON lines, one request id through all that a request causes; readable lines on a terminal. */
export function logging(config: Config, output: LogOutput): Params {
  const isTerminal = process.stdout.isTTY && !config.production;
  return {
    pinoHttp: {
      level: config.logLevel,
      redact: { paths: SECRET, remove: true },
      mixin: () => ({ requestId: currentRequestId(), runId: currentRunId() }),
      hooks: {
        logMethod(line, write, level) {
          const [first] = line as [unknown];
          const context = typeof first === 'object' && first !== null && 'context' in first ? first.context : undefined;
          if (level <= INFO && typeof context === 'string' && NEST_STARTING.has(context)) return;
          write.apply(this, line);
        },
      },
      quietReqLogger: true,
      genReqId: () => currentRequestId(),
      // Every request is worth a line only to those who look for one.
      customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'debug'),
      serializers: {
        // Addresses without their query: it may carry a code of the sign-in.
        req: ({ method, url }: { method: string; url: string }) => ({ method, path: url.split('?', 1)[0] }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
      ...(isTerminal
        ? {
            transport: {
              target: 'pino-pretty',
              options: { ignore: 'pid,hostname,requestId,req,res', singleLine: true },
            },
          }
        : { stream: output.stream }),
    },
  };
}
