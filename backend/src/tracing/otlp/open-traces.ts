import { type Context, ROOT_CONTEXT, trace, type Tracer } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SamplerConfig } from '../../config/telemetry/sampler.js';
import type { OtlpTarget } from '../../config/telemetry/telemetry-config.js';
import type { Span } from '../span.js';
import type { RootOptions } from './open-exports.js';
import { OtelSpan, startSpan } from './otel-span.js';
import { samplerOf } from './sampler.js';
import type { Watch } from './watch.js';

/** How long a span waits for others, so that a trace is seen soon after the act. */
const BATCH_MS = 2_000;

export interface Traces {
  readonly root: (name: string, options: RootOptions) => Span;
  close(): Promise<void>;
}

/** Spans wait in a queue of 2,048, and are dropped when it is full. */
export function openTraces(target: OtlpTarget, sampler: SamplerConfig, resource: Resource, watch: Watch): Traces {
  const { url, headers, protocol } = target;
  const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const exporter = watch.over<ReadableSpan, JsonExporter>(new Exporter({ url, headers: { ...headers } }));
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(sampler),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: BATCH_MS })],
  });
  const tracer: Tracer = provider.getTracer('lockstep');
  return {
    root: (name, { attributes, role, traceparent, cause }) =>
      new OtelSpan(tracer, startSpan(tracer, name, { attributes, role, parent: parentOf(traceparent), cause })),
    close: () => provider.shutdown(),
  };
}

/** An invalid header begins a new trace, by the W3C's recommendation. */
function parentOf(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT;
}
