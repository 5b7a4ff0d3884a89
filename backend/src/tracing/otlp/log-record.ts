import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { type AnyValueMap, type LogRecord, SeverityNumber } from '@opentelemetry/api-logs';

/** Pino's levels. https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings */
const SEVERITIES: Readonly<Record<number, readonly [SeverityNumber, string]>> = {
  10: [SeverityNumber.TRACE, 'TRACE'],
  20: [SeverityNumber.DEBUG, 'DEBUG'],
  30: [SeverityNumber.INFO, 'INFO'],
  40: [SeverityNumber.WARN, 'WARN'],
  50: [SeverityNumber.ERROR, 'ERROR'],
  60: [SeverityNumber.FATAL, 'FATAL'],
};

/** A line of the log, as pino has written it: secrets are removed already. The rest becomes attributes. */
interface Line {
  readonly level?: number;
  readonly time?: number;
  readonly msg?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly err?: { readonly type?: string; readonly message?: string; readonly stack?: string };
  readonly [key: string]: unknown;
}

/** The record of a line; `undefined` for what is not a line of pino. */
export function recordOf(line: string): LogRecord | undefined {
  const parsed = parse(line);
  if (!parsed) return undefined;
  // Process and host are attributes of the resource.
  const { level = 0, time, msg, trace_id: traceId, span_id: spanId, trace_flags: flags, err, ...rest } = parsed;
  const { pid: _pid, hostname: _hostname, ...attributes } = rest;
  const [severityNumber, severityText] = SEVERITIES[level] ?? [SeverityNumber.UNSPECIFIED, String(level)];
  return {
    ...(time !== undefined && { timestamp: time }),
    severityNumber,
    severityText,
    body: msg ?? '',
    attributes: { ...(attributes as AnyValueMap), ...exceptionOf(err) },
    ...(traceId !== undefined &&
      spanId !== undefined && {
        context: trace.setSpanContext(ROOT_CONTEXT, {
          traceId,
          spanId,
          traceFlags: flags === '00' ? TraceFlags.NONE : TraceFlags.SAMPLED,
        }),
      }),
  };
}

function exceptionOf(err: Line['err']): AnyValueMap {
  if (!err) return {};
  return { 'exception.type': err.type, 'exception.message': err.message, 'exception.stacktrace': err.stack };
}

function parse(line: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Line) : undefined;
  } catch {
    // A line that is not JSON is on standard output all the same.
    return undefined;
  }
}
