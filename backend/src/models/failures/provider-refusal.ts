/**
 * What a provider, its package or the connection said when something failed, gathered from wherever they say it. The
 * texts are for telling kinds apart: they may quote the question or the key, and go nowhere.
 */
export interface Refusal {
  /** Of HTTP; `undefined` where there was no answer, or an error stands in the middle of one. */
  readonly status: number | undefined;
  /** Names of errors and classes, codes, types, names of parameters. */
  readonly words: readonly string[];
  /** Sentences, in one text. */
  readonly sentences: string;
  /** The name of what was thrown. */
  readonly name: string;
  /** Codes of the system, such as ECONNRESET. */
  readonly causes: readonly string[];
  readonly headers: unknown;
}

/** Where SDKs and servers put what belongs to the failure. */
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

/** Reads what was thrown, or an error document: an object, a list of them, or a sentence. */
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

/** Classes of the SDKs do not all set a name of their own. */
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

/** Servers and SDKs give the status as a number, or as a code beside their message. */
function toStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && status >= 300 && status < 600 ? status : undefined;
}

/** Some SDKs keep the body of an answer as text. */
function jsonIn(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    // A page or half a document: the status says enough.
    return undefined;
  }
}
