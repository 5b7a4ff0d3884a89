import type { Params } from 'nestjs-pino';
import type { Config } from '../config/config.js';
import type { LogOutput } from './log-output.js';
import { currentRequestId, currentRunId } from './request-id.js';

/** Headers with secrets; bodies are never logged. */
const SECRET = ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'];

/** Pino's number of the level `info`. */
const INFO = 30;

/** Parts of Nest whose messages at the start are of no use to an operator. */
const NEST_STARTING = new Set(['NestApplication', 'RouterExplorer', 'RoutesResolver', 'WebSocketsController']);

/** Configures the log: JSON lines with the id of their request, and readable lines on a terminal. */
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
      // Successful requests are logged at the level `debug` only.
      customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'debug'),
      serializers: {
        // Without the query, which may contain a code of the sign-in.
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
