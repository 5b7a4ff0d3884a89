/** How an answer may end on the wire, beside a break of the connection. */
export type Ending = 'stop' | 'limit' | 'refused' | 'nothing' | 'error';

/** Refusals that every provider has, each in its own document. */
export const REFUSALS = [
  'bad key',
  'unknown model',
  'unreadable request',
  'too many requests',
  'no credit',
  'too long',
  'mistake in the server',
  'overloaded',
  'temperature',
] as const;
export type RefusalKind = (typeof REFUSALS)[number];

export interface Refused {
  readonly status: number;
  readonly body: object;
}

/** What a request said, in the same words for all. */
export interface WireRequest {
  readonly temperature: number | undefined;
  readonly texts: readonly string[];
}

/** One provider's way to answer over HTTP: bytes as its servers send them. */
export interface Wire {
  readonly name: string;
  /** As `OPENAI_MODELS` has it. */
  readonly model: string;
  /** What the provider's package wants in the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Behind the server's address. */
  readonly path: string;
  readonly contentType: string;
  /** A token of usage for each piece, and 7 for the question. */
  answer(pieces: readonly string[], ending: Ending): readonly string[];
  /** A sign of life before the first word; empty where the provider has none. */
  readonly ping: string;
  /** Thoughts that are no part of the reply. */
  thoughts(text: string): readonly string[];
  refusal(kind: RefusalKind): Refused;
  read(body: Record<string, unknown>): WireRequest;
}

export const sse = (data: object, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

export const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** All strings under a key, however deep. */
export function textsIn(value: unknown, keys: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, keys));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? (keys.includes(key) ? [inner] : []) : textsIn(inner, keys),
  );
}
