import type { RunErrorCode } from '../../protocol/index.js';
import { ModelError } from '../model-error.js';
import { readRefusal, type Refusal } from './provider-refusal.js';
import { retryAfterMs } from './retry-after.js';

type IsStatus = (status: number | undefined) => boolean;

/** A kind of failure and how to recognise it; all given tests must match. */
interface Kind {
  readonly code: RunErrorCode;
  readonly isTransient?: boolean;
  readonly isLoading?: boolean;
  /** Tests the HTTP status, which is `undefined` for an error within an answer and for a failed connection. */
  readonly status?: IsStatus;
  /** Matches names, codes and types. */
  readonly words?: RegExp;
  /** Matches messages: the last resort, since these are written for people. */
  readonly sentences?: RegExp;
}

const isAbout = (...statuses: readonly (number | undefined)[]): IsStatus => {
  const set = new Set(statuses);
  return (status) => set.has(status);
};

/** Statuses that need the text to tell what is wrong. */
const BAD_REQUEST = isAbout(undefined, 400, 422);
const anyBut =
  (...statuses: readonly number[]): IsStatus =>
  (status) =>
    !statuses.some((one) => one === status);

/**
 * The kinds of failures of all providers; the first match counts. The messages about the context length are those of
 * OpenAI, vLLM, SGLang, llama.cpp, Ollama, LM Studio, TGI, Groq, xAI, Gemini, Anthropic, Mistral, Cohere and others.
 */
const KINDS: readonly Kind[] = [
  {
    code: 'model_unavailable',
    isTransient: true,
    isLoading: true,
    status: isAbout(undefined, 425, 500, 503),
    sentences:
      /(?<!(error|failed|failure|unable)( to)?(, | in | while )? ?)\b(?:loading( the)? model)|\bmodel\b.{0,120}\bloading\b|still (loading|starting)|warming up|not (yet )?loaded yet/i,
  },
  {
    code: 'context_length',
    words:
      /context_length_exceeded|string_above_max_length|request_too_large|exceed_context_size|context_?overflow|context_window_exceeded/i,
  },
  {
    code: 'context_length',
    status: anyBut(401, 402, 403, 404, 429),
    sentences: new RegExp(
      [
        'context[ _-]?(length|window|size|limit)',
        'context the overflows',
        'max(imum)? (context|prompt|model|sequence|input) length',
        'max_model_len',
        '(prompt|input|inputs|request|conversation|messages?)\\b.{0,40} (is|are) (too (long|large)|longer than)',
        'prompt too long',
        'prompt exceeds max length',
        'input tokens exceed',
        'token count.{0,60}exceeds?',
        'exceeds?.{0,40}(token limit|number of tokens)',
        'exceeded model token limit',
        'tokens exceed limit',
        'too many (input )?tokens',
        'reduce (the length of the messages|your message size)',
        'request too large',
        'range of input length',
        'max_new_tokens. must be',
        'must have less than \\d+ tokens',
      ].join('|'),
      'i',
    ),
  },
  {
    code: 'model_truncated',
    isTransient: true,
    status: isAbout(undefined),
    sentences:
      /did not receive done|stream (has )?ended (unexpectedly|without|before|early)|unexpected end of (the )?stream/i,
  },
  { code: 'context_length', status: isAbout(413) },
  { code: 'model_quota', status: isAbout(402) },
  {
    code: 'model_quota',
    status: isAbout(undefined, 400, 403, 429),
    words:
      /insufficient_(quota|balance|credits?|funds)|exceeded_current_quota|billing|payment_required|quota_exhausted|arrearage/i,
  },
  {
    code: 'model_quota',
    status: isAbout(undefined, 400, 403, 429),
    sentences:
      /credit balance|used all available credits|insufficient (balance|credit|funds|quota)|(no|out of|not enough) credits?\b|spending limit/i,
  },
  {
    code: 'model_auth',
    status: BAD_REQUEST,
    words:
      /(invalid|incorrect|missing|expired)_?api_?key|api_?key_(invalid|expired|missing)|authentication|unauthenticated|unauthorized|permission|account_deactivated/i,
  },
  {
    code: 'model_auth',
    status: BAD_REQUEST,
    sentences:
      /(api[ _-]?key|credentials?|access token)\b.{0,30}(not valid|invalid|expired|incorrect|missing|not found|required)|(invalid|incorrect|missing|expired|no)\b.{0,10}(api[ _-]?key|credentials)/i,
  },
  {
    code: 'model_refused',
    status: isAbout(undefined, 400, 403, 422, 451),
    words:
      /content_?(filter|policy)|moderation|safety|responsible_?ai|data_inspection|sensitive|prohibited|EmptyContentError/i,
  },
  {
    code: 'model_unavailable',
    status: isAbout(400, 422),
    words: /model_not_(found|exist)|invalid_model|unknown_model|model_(decommissioned|deprecated)/i,
  },
  {
    code: 'model_unavailable',
    status: isAbout(400, 422),
    sentences: /\bmodel\b.{0,80}(does not exist|not found|not exist|decommissioned|no longer (available|supported))/i,
  },
  {
    code: 'model_settings',
    status: isAbout(400, 422),
    words: /unsupported_(parameter|value)|^(temperature|top_?p|max_(completion_|output_)?tokens)$/im,
  },
  {
    code: 'model_settings',
    status: isAbout(400, 422),
    sentences: /\b(temperature|top_?p|max_(completion_|output_)?tokens|maxOutputTokens)\b/i,
  },
  { code: 'model_auth', status: isAbout(401, 403, 407) },
  { code: 'model_unavailable', status: isAbout(404, 405, 410, 421, 426) },
  // A redirect: something else answers at this address, and it must not get the key.
  { code: 'model_unavailable', status: (status) => status !== undefined && status < 400 },
  { code: 'model_rate_limited', isTransient: true, status: isAbout(429) },
  {
    code: 'model_rate_limited',
    isTransient: true,
    status: BAD_REQUEST,
    words: /rate_?limit|too_many_requests|resource_exhausted|throttl/i,
  },
  {
    code: 'model_unavailable',
    isTransient: true,
    status: (status) => status !== undefined && (status >= 500 || [408, 409, 424, 425, 498, 499].includes(status)),
  },
  {
    code: 'model_unavailable',
    isTransient: true,
    status: BAD_REQUEST,
    words: /server_error|overloaded|api_error|unavailable|internal_?server|^internal$|timeout_error|gateway/im,
  },
  { code: 'model_bad_response', status: (status) => status !== undefined },
];

/**
 * Maps an error of an SDK, a socket or a stream to the closed list of codes.
 * @param isAnswer whether the error is a document that was received instead of a piece of the reply
 */
export function toModelError(thrown: unknown, isAnswer = false): ModelError {
  if (thrown instanceof ModelError) return thrown;
  const refusal = readRefusal(thrown);
  if (!refusal) return new ModelError(isAnswer ? 'model_unavailable' : 'internal', { isTransient: isAnswer });
  const { code, isTransient, isLoading } = kindOf(refusal) ?? connectionKind(refusal, isAnswer);
  return new ModelError(code, {
    ...(isTransient && { isTransient, retryAfterMs: retryAfterMs(refusal.headers) }),
    ...(isLoading && { isLoading }),
    details: describe(refusal),
  });
}

function kindOf(refusal: Refusal): Kind | undefined {
  const words = refusal.words.join('\n');
  return KINDS.find(
    (kind) =>
      (kind.status?.(refusal.status) ?? true) &&
      (kind.words?.test(words) ?? true) &&
      (kind.sentences?.test(refusal.sentences) ?? true),
  );
}

function connectionKind({ name, words, causes }: Refusal, isAnswer: boolean): Kind {
  if (isAnswer) return { code: 'model_unavailable', isTransient: true };
  if (name.includes('Timeout')) return { code: 'model_timeout' };
  if ([name, ...causes].includes('SyntaxError')) return { code: 'model_bad_response', isTransient: true };
  const isConnection = [...words, ...causes].some((word) => CONNECTION.test(word));
  return isConnection ? { code: 'model_unavailable', isTransient: true } : { code: 'internal' };
}

/** Codes of errors of sockets, DNS and TLS, mostly in the cause of a `TypeError` that `fetch` throws. */
const CONNECTION = /^E[A-Z]{3,}|^UND_ERR|^ERR_|^[A-Z]+_[A-Z_]+$|^HPE_|Connection|Socket|FetchError/;

/** Safe details for the log: never a message, which may quote the request. */
function describe({ name, status, words, causes }: Refusal): Record<string, string | number> {
  const isSafe = (word: string): boolean => /^[\w.:-]{1,100}$/.test(word) && !/^(Error|\d+)$/.test(word);
  const kinds = words.filter((word) => isSafe(word) && word !== name);
  const cause = causes.find(isSafe);
  return {
    ...(status !== undefined && { status }),
    ...(isSafe(name) && { name }),
    ...(kinds.length > 0 && { kind: kinds.slice(0, 4).join(' ') }),
    ...(cause !== undefined && { cause }),
  };
}
