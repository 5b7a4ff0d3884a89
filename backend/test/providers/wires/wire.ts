/** How an answer may end on the wire, other than by a broken connection. */
export type Ending = 'stop' | 'limit' | 'refused' | 'nothing' | 'error';

/** Refusals that every provider has, each in its own format. */
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

/** The content of a request, in the same form for all providers. */
export interface WireRequest {
  readonly temperature: number | undefined;
  readonly texts: readonly string[];
}

/** The API of one provider: bytes as its servers send them. */
export interface Wire {
  readonly name: string;
  /** The model's name in `OPENAI_MODELS`. */
  readonly model: string;
  /** The environment variables that the provider's package needs. */
  readonly env: Readonly<Record<string, string>>;
  /** The path after the server's address. */
  readonly path: string;
  readonly contentType: string;
  /** The usage is one token for each piece, and 7 for the question. */
  answer(pieces: readonly string[], ending: Ending): readonly string[];
  /** A sign of life before the first text; empty if the provider has none. */
  readonly ping: string;
  /** Reasoning that is not part of the reply. */
  thoughts(text: string): readonly string[];
  refusal(kind: RefusalKind): Refused;
  read(body: Record<string, unknown>): WireRequest;
}

export const sse = (data: object, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

export const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** All strings under a key, at any depth. */
export function textsIn(value: unknown, keys: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, keys));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? (keys.includes(key) ? [inner] : []) : textsIn(inner, keys),
  );
}
