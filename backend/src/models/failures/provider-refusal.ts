/**
 * The details of a failure, collected from the places where providers, packages and connections put them. The texts may
 * quote the question or the key: use them only to recognise the kind of failure.
 */
export interface Refusal {
  /** The HTTP status; `undefined` without a response, and for an error within an answer. */
  readonly status: number | undefined;
  /** Names of errors and classes, codes, types, and names of parameters. */
  readonly words: readonly string[];
  /** The messages, joined. */
  readonly sentences: string;
  /** The name of the thrown error. */
  readonly name: string;
  /** Codes and names of causes, such as ECONNRESET. */
  readonly causes: readonly string[];
  readonly headers: unknown;
}

/** The properties in which SDKs and servers nest further details. */
const INNER = [
  'error',
  'errors',
  'document',
  'body',
  'detail',
  'details',
  'errorDetails',
  'base_resp',
  'response',
  'metadata',
];
const WORDS = ['code', 'type', 'param', 'status', 'reason', 'lc_error_code', 'error_type', 'err_code', 'loc'];
const SENTENCES = ['message', 'msg', 'detail', 'details', 'error', 'title', 'status_msg', 'error_description', 'body'];
const STATUSES = ['status', 'statusCode', 'status_code', 'http_status', 'code'];
const MAX_DEPTH = 5;
const MAX_ITEMS = 4;

/** Reads a thrown error or an error document; `undefined` for anything but an object. */
export function readRefusal(thrown: unknown): Refusal | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const gathering = new Gathering();
  gathering.add(thrown, 0);
  return {
    status: gathering.status,
    words: [...gathering.words],
    sentences: gathering.sentences.join('\n'),
    name: nameOf(thrown),
    causes: gathering.causes,
    headers: gathering.headers,
  };
}

class Gathering {
  status: number | undefined;
  headers: unknown;
  readonly words = new Set<string>();
  readonly sentences: string[] = [];
  readonly causes: string[] = [];
  private readonly seen = new Set<object>();

  add(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || this.seen.has(value)) return;
    this.seen.add(value);
    if (Array.isArray(value)) {
      for (const item of value.slice(0, MAX_ITEMS)) this.add(item, depth + 1);
      return;
    }
    const field = (key: string): unknown => Reflect.get(value, key);
    if (value instanceof Error) this.words.add(nameOf(value));
    for (const key of WORDS) for (const word of wordsIn(field(key))) this.words.add(word);
    for (const key of SENTENCES) this.addSentence(field(key));
    this.status ??= STATUSES.map(field).map(toStatus).find(Boolean);
    this.headers ??= field('headers');
    for (const key of INNER) this.add(jsonIn(field(key)), depth + 1);
    const cause = field('cause');
    if (cause instanceof Error) this.causes.push(...wordsIn(Reflect.get(cause, 'code')), nameOf(cause));
    this.add(cause, depth + 1);
  }

  private addSentence(value: unknown): void {
    if (typeof value === 'string') this.sentences.push(value);
  }
}

/** Some error classes of the SDKs do not set `name`. */
function nameOf(thrown: object): string {
  const name: unknown = Reflect.get(thrown, 'name');
  if (thrown instanceof Error && name === 'Error') return thrown.constructor.name;
  return typeof name === 'string' ? name : '';
}

const wordsIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((word) => typeof word === 'string' || typeof word === 'number')
    .map(String)
    .filter((word) => word !== '' && word.length <= 100);

/** Reads a status from a number, or from a code of three digits. */
function toStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && status >= 300 && status < 600 ? status : undefined;
}

/** Parses a value if it is JSON text, since some SDKs keep the body as text. */
function jsonIn(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    // Not JSON after all, or incomplete: the status is enough.
    return undefined;
  }
}
