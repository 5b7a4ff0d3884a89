import { AsyncLocalStorage } from 'node:async_hooks';
import { faultOf } from './fault.js';

/** Ids, numbers and closed lists of words: never a text that a person or a model wrote, an address or a key. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The role of a span in a call: it answers one, makes one, or neither. */
export type SpanRole = 'server' | 'client' | 'internal';

/** A piece of work in a trace. Its methods do not throw, and have no effect after `end`. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The header `traceparent` for requests that belong to this span: https://www.w3.org/TR/trace-context/ */
  readonly traceparent: string;
  /** Starts a part of this work, which may end later than it. */
  child(name: string, attributes?: Attributes, role?: SpanRole): Span;
  set(attributes: Attributes): void;
  event(name: string, attributes?: Attributes): void;
  rename(name: string): void;
  /** Marks the work as failed; `kind` is a word of a closed list. */
  failed(kind: string): void;
  end(): void;
}

const current = new AsyncLocalStorage<Span>();

/** The span that the running code belongs to; `undefined` outside of any, and always while nothing is traced. */
export const currentSpan = (): Span | undefined => current.getStore();

/** Runs work under a span, without ending it. */
export const underSpan = <T>(span: Span, work: () => T): T => current.run(span, work);

/**
 * Runs work as a part of the current span. The work is not under the new span: what it starts belongs to the whole.
 * Without a current span it costs one look into the asynchronous context.
 */
export function traced<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = currentSpan()?.child(name, attributes);
  return span ? ended(span, () => work(span)) : work(undefined);
}

/** Runs work, and ends its span with the outcome. */
export async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    noteError(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Notes why work failed; a refusal that the client has caused does not count as a failure of the server. */
export function noteError(span: Span, error: unknown): void {
  const { kind, isFault } = faultOf(error);
  if (isFault) span.failed(kind);
  else span.set({ 'error.type': kind });
}
