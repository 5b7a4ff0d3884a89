import { setTimeout as delay } from 'node:timers/promises';
import type { TelemetryConfig } from '../../config/telemetry/telemetry-config.js';
import type { Attributes, Span, SpanRole } from '../span.js';
import { openLogs } from './open-logs.js';
import { openTraces } from './open-traces.js';
import { resourceOf } from './resource.js';
import { Watch } from './watch.js';

export interface RootOptions {
  readonly attributes: Attributes;
  readonly role: SpanRole;
  readonly traceparent?: string | undefined;
  /** The span of the work that has caused this one: a link. */
  readonly cause?: Span | undefined;
}

export interface Exports {
  readonly root: ((name: string, options: RootOptions) => Span) | undefined;
  readonly logLine: ((line: string) => void) | undefined;
  close(ms: number): Promise<void>;
}

/** @param warn called with a sentence at most once a minute, while the collector accepts nothing */
export function openExports(config: TelemetryConfig, warn: (line: string) => void): Exports {
  const resource = resourceOf(config);
  const watch = new Watch(warn);
  const traces = config.traces && openTraces(config.traces, config.sampler, resource, watch);
  const logs = config.logs && openLogs(config.logs, resource, watch);
  return {
    root: traces?.root,
    logLine: logs?.line,
    async close(ms) {
      // A collector that hangs would keep the process for half a minute. What was not sent by then is lost.
      const sent = Promise.allSettled([traces?.close(), logs?.close()]);
      await Promise.race([sent, delay(ms, undefined, { ref: false })]);
    },
  };
}
