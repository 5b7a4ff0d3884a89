import {
  type Context,
  ROOT_CONTEXT,
  type Span as ApiSpan,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import type { Attributes, Span, SpanRole } from '../span.js';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

interface Start {
  readonly attributes: Attributes;
  readonly role: SpanRole;
  readonly parent: Context;
  readonly cause?: Span | undefined;
}

export function startSpan(tracer: Tracer, name: string, { attributes, role, parent, cause }: Start): ApiSpan {
  const links = cause
    ? [{ context: { traceId: cause.traceId, spanId: cause.spanId, traceFlags: TraceFlags.SAMPLED } }]
    : [];
  return tracer.startSpan(name, { kind: KINDS[role], attributes: written(attributes), links }, parent);
}

/** A span of OpenTelemetry. */
export class OtelSpan implements Span {
  constructor(
    private readonly tracer: Tracer,
    private readonly span: ApiSpan,
  ) {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get spanId(): string {
    return this.span.spanContext().spanId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  child(name: string, attributes: Attributes = {}, role: SpanRole = 'internal'): Span {
    const parent = trace.setSpan(ROOT_CONTEXT, this.span);
    return new OtelSpan(this.tracer, startSpan(this.tracer, name, { attributes, role, parent }));
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(written(attributes));
  }

  event(name: string, attributes: Attributes = {}): void {
    this.span.addEvent(name, written(attributes));
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  failed(kind: string): void {
    this.span.setAttribute('error.type', kind);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: kind });
  }

  end(): void {
    this.span.end();
  }
}

const written = (attributes: Attributes): Record<string, string | number | boolean | string[] | undefined> =>
  attributes as Record<string, string | number | boolean | string[] | undefined>;
