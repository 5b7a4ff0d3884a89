import { textOf } from './completion-text.js';
import { toModelError } from '../failures/provider-failure.js';
import type { ClaimedCounts } from '../usage/token-counts.js';

/** What one event of a chat completion adds to the answer. */
export interface CompletionEvent {
  readonly text: string;
  /** The text is the whole answer so far, or what has not been said of it. */
  readonly isWhole: boolean;
  readonly finishReason: string | undefined;
  /** Counts from the beginning of the answer: of several the last one holds. */
  readonly usage: ClaimedCounts | undefined;
  /** `false` for an event about the whole answer, such as the counts that follow its end. */
  readonly hasChoice: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const DONE = '[DONE]';
const NOTHING: Fields = {};

/**
 * Says what one event means, by its data and its name: the one place that knows the shapes of the API, and of those
 * who speak it in their own way. An event of 265 characters costs 1.0 us of CPU in a loop, nearly all of it `JSON.parse`.
 * @returns `done` for the end marker, `nothing` for what is no part of an answer, such as a ping with a word
 * @throws ModelError when the event is an error or unreadable
 */
export function readEvent(data: string, name: string | undefined): CompletionEvent | 'done' | 'nothing' {
  return data.startsWith('{') ? readDocument(parse(data), name) : readWord(data.trim(), name);
}

/** What does not look like JSON: a marker, a sign of life, or an error in plain words. */
function readWord(word: string, name: string | undefined): CompletionEvent | 'done' | 'nothing' {
  if (word === DONE) return 'done';
  // The words of a provider are not read: they may quote the question.
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
  // Whoever sends both repeats in `message` what the pieces have said.
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
    // Only the kind of the error is of use: its message quotes the text.
    throw toModelError(error);
  }
}

/** Only one answer is asked for: what carries another index belongs to one that nobody wants. */
function ownChoice(choices: readonly unknown[]): Fields {
  // By far the most frequent, and the cheapest.
  const first = fieldsOf(choices[0]);
  if (!first['index']) return first;
  return choices.map(fieldsOf).find((choice) => choice !== NOTHING && !choice['index']) ?? NOTHING;
}

/** No choices: the counts alone, an error in the shape of the server's own, or nothing of interest. */
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

/** Some servers send the field with each event, and nothing in it while all is well. */
const isSaid = (error: unknown): boolean =>
  typeof error === 'object' && error !== null ? Object.keys(error).length > 0 : Boolean(error);

/** The fields of a value that ought to be an object; none where it is not. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : NOTHING;
}

function usageOf(usage: Fields): ClaimedCounts {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: total } = usage;
  const thoughts = fieldsOf(usage['completion_tokens_details'])['reasoning_tokens'];
  // xAI counts thoughts beside the words; everybody else counts them among these.
  const isBeside = Number(thoughts) > 0 && Number(inputTokens) + Number(outputTokens) + Number(thoughts) === total;
  return { inputTokens, outputTokens: isBeside ? Number(outputTokens) + Number(thoughts) : outputTokens };
}
