import { Logger } from '@nestjs/common';
import type { TelemetryConfig } from '../config/telemetry/telemetry-config.js';
import type { Exports } from './otlp/open-exports.js';
import { type Attributes, currentSpan, ended, type Span, type SpanRole, underSpan } from './span.js';

/** What a trace begins with. */
export interface Root {
  readonly attributes?: Attributes;
  readonly role?: SpanRole;
  /** The header `traceparent` of a request: the trace of its sender continues. */
  readonly traceparent?: string | undefined;
}

/** Begins traces, and exports them and the log by OTLP. Without a collector it does nothing, and loads nothing. */
export class Tracing {
  private constructor(private readonly exports: Exports | undefined) {}

  /** OpenTelemetry's packages take time and memory, so they are loaded only where they are needed. */
  static async open(config: TelemetryConfig | undefined): Promise<Tracing> {
    if (!config) return new Tracing(undefined);
    const { openExports } = await import('./otlp/open-exports.js');
    const logger = new Logger(Tracing.name);
    return new Tracing(openExports(config, (line) => logger.warn(line)));
  }

  /** Exports a line of the log, which is JSON; `undefined` if the log is not exported. Does not throw. */
  get logLine(): ((line: string) => void) | undefined {
    return this.exports?.logLine;
  }

  /** Whether traces are recorded. */
  get isOn(): boolean {
    return this.exports?.root !== undefined;
  }

  /** Begins a trace; `undefined` while nothing is traced. The caller ends the span. */
  begin(name: string, { attributes = {}, role = 'internal', traceparent }: Root = {}): Span | undefined {
    return this.exports?.root?.(name, { attributes, role, traceparent });
  }

  /** Runs background work under a trace of its own, which is linked to that of the work that has caused it. */
  async own<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
    const cause = currentSpan();
    const span = this.exports?.root?.(name, { attributes, role: 'internal', cause });
    return span ? ended(span, () => underSpan(span, work)) : work();
  }

  /** Sends what is left, for at most `ms` milliseconds. */
  async close(ms: number): Promise<void> {
    await this.exports?.close(ms);
  }
}
