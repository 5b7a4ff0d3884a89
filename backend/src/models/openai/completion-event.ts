import { textOf } from './completion-text.js';
import { toModelError } from '../failures/provider-failure.js';
import type { ClaimedCounts } from '../usage/token-counts.js';

/** The content of one event of a chat completion. */
export interface CompletionEvent {
  readonly text: string;
  /** Whether `text` is the whole answer, of which earlier events may have brought the beginning. */
  readonly isWhole: boolean;
  readonly finishReason: string | undefined;
  /** Token counts of the whole answer so far; the last ones count. */
  readonly usage: ClaimedCounts | undefined;
  /** `false` for an event without a choice, such as the token counts after the end of the text. */
  readonly hasChoice: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const DONE = '[DONE]';
const NOTHING: Fields = {};

/**
 * Parses one event by its data and its name. Only this file knows the format of the API and the variants of compatible
 * servers. An event of 265 characters costs 1.0 us of CPU in a loop, nearly all of it for `JSON.parse`.
 * @returns `done` for the end marker, `nothing` for events that are not part of an answer, such as pings
 * @throws ModelError when the event is an error or unreadable
 */
export function readEvent(data: string, name: string | undefined): CompletionEvent | 'done' | 'nothing' {
  return data.startsWith('{') ? readDocument(parse(data), name) : readWord(data.trim(), name);
}

/** Data that do not start like a JSON object: an end marker, a ping, or an error in plain text. */
function readWord(word: string, name: string | undefined): CompletionEvent | 'done' | 'nothing' {
  if (word === DONE) return 'done';
  // The text only helps to recognise the kind of error; it may quote the question.
  if (name === 'error') throw toModelError({ message: word }, true);
  return /^(\{|\[\s*\{)/.test(word) ? readDocument(parse(word), name) : 'nothing';
}

function readDocument(document: unknown, name: string | undefined): CompletionEvent | 'nothing' {
  if (Array.isArray(document)) return readDocument(document[0], name);
  if (typeof document !== 'object' || document === null) return 'nothing';
  const fields = fieldsOf(document);
  const { error, choices, usage } = fields;
  if (isSaid(error) || name === 'error') throw toModelError(document, true);
  if (!Array.isArray(choices)) return readOther(document, fields);
  const choice = ownChoice(choices);
  if (isSaid(choice['error'])) throw toModelError(choice, true);
  const delta = choice['delta'];
  // Servers that send both repeat in `message` the text of all deltas.
  const message = delta ? undefined : choice['message'];
  const said = fieldsOf(delta ?? message);
  const reason = choice['finish_reason'];
  const counted = usage ?? choice['usage'] ?? fieldsOf(fields['x_groq'])['usage'];
  return {
    text: textOf(said['content']) || textOf(said['refusal']) || (delta || message ? '' : textOf(choice['text'])),
    isWhole: message !== undefined,
    finishReason: typeof reason === 'string' && reason !== '' && reason !== 'null' ? reason : undefined,
    usage: counted ? usageOf(fieldsOf(counted)) : undefined,
    hasChoice: choice !== NOTHING,
  };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    // Only the kind of error is used, because its message quotes the text.
    throw toModelError(error);
  }
}

/** The choice with the index 0: only one answer is requested, but some servers send more. */
function ownChoice(choices: readonly unknown[]): Fields {
  // The most frequent case by far.
  const first = fieldsOf(choices[0]);
  if (!first['index']) return first;
  return choices.map(fieldsOf).find((choice) => choice !== NOTHING && !choice['index']) ?? NOTHING;
}

/** A document without choices: token counts, an error in a format of the server's own, or something to ignore. */
function readOther(document: object, fields: Fields): CompletionEvent | 'nothing' {
  const { usage, object, type, message, detail, errors, base_resp: base } = fields;
  const isError =
    object === 'error' ||
    type === 'error' ||
    isSaid(errors) ||
    (typeof message === 'string' && message !== '') ||
    isSaid(detail) ||
    !!fieldsOf(base)['status_code'];
  if (isError) throw toModelError(document, true);
  if (!usage) return 'nothing';
  return { text: '', isWhole: false, finishReason: undefined, usage: usageOf(fieldsOf(usage)), hasChoice: false };
}

/** Whether an error field contains an error: some servers send an empty one with each event. */
const isSaid = (error: unknown): boolean =>
  typeof error === 'object' && error !== null ? Object.keys(error).length > 0 : Boolean(error);

/** The fields of a value that should be an object; empty if it is not. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : NOTHING;
}

function usageOf(usage: Fields): ClaimedCounts {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: total } = usage;
  const thoughts = fieldsOf(usage['completion_tokens_details'])['reasoning_tokens'];
  // xAI counts thoughts separately; for all others they are included in the completion tokens.
  const isBeside = Number(thoughts) > 0 && Number(inputTokens) + Number(outputTokens) + Number(thoughts) === total;
  return { inputTokens, outputTokens: isBeside ? Number(outputTokens) + Number(thoughts) : outputTokens };
}
