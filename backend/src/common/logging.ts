import type { Params } from 'nestjs-pino';
import pino from 'pino';
import type { Config } from '../config/config.js';
import { currentSpan } from '../tracing/span.js';
import type { Tracing } from '../tracing/tracing.js';
import type { LogOutput } from './log-output.js';
import { currentRequestId, currentRunId } from './request-id.js';

/** Headers with secrets; bodies are never logged. */
const SECRET = ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'];

/** Pino's number of the level `info`. */
const INFO = 30;

/** Parts of Nest whose messages at the start are of no use to an operator. */
const NEST_STARTING = new Set(['NestApplication', 'RouterExplorer', 'RoutesResolver', 'WebSocketsController']);

/** The fields under which OpenTelemetry expects the ids of a trace in lines of JSON. */
function traceOf(): Record<string, string> {
  const span = currentSpan();
  return span ? { trace_id: span.traceId, span_id: span.spanId, trace_flags: span.traceparent.slice(-2) } : {};
}

/** Configures the log: JSON lines with the id of their request, and readable lines on a terminal. */
export function logging(config: Config, output: LogOutput, tracing: Tracing): Params {
  const isTerminal = process.stdout.isTTY && !config.production;
  return {
    pinoHttp: {
      level: config.logLevel,
      redact: { paths: SECRET, remove: true },
      mixin: () => ({ requestId: currentRequestId(), runId: currentRunId(), ...traceOf() }),
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
      ...destination(isTerminal, output, tracing.logLine),
    },
  };
}

/** Lines go to standard output first, whatever happens to their copies for the collector. */
function destination(
  isTerminal: boolean,
  output: LogOutput,
  logLine: Tracing['logLine'],
): Pick<pino.LoggerOptions, 'transport'> & { stream?: pino.DestinationStream } {
  const pretty = {
    target: 'pino-pretty',
    options: { ignore: 'pid,hostname,requestId,trace_id,span_id,trace_flags,req,res', singleLine: true },
  };
  if (!logLine) return isTerminal ? { transport: pretty } : { stream: output.stream };
  const shown: LogStream = isTerminal ? pino.transport(pretty) : output.stream;
  const both: LogStream = {
    write(line) {
      shown.write(line);
      logLine(line);
    },
    // Pino calls it after a line of the level `fatal`.
    flushSync: () => shown.flushSync?.(),
  };
  return { stream: both };
}

interface LogStream extends pino.DestinationStream {
  flushSync?(): void;
}
