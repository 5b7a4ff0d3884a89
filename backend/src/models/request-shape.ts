import type { Omittable, RequestShape } from '../config/model-requests.js';
import type { RunErrorCode } from '../protocol/index.js';
import { toModelError } from './failures/provider-failure.js';
import { readRefusal } from './failures/provider-refusal.js';

type LimitName = NonNullable<RequestShape['limitName']>;
const LIMIT_NAMES: readonly LimitName[] = ['max_tokens', 'max_completion_tokens'];

/** What a request may have that a server may refuse. */
export interface Asked {
  readonly shape: RequestShape;
  readonly hasSystem: boolean;
  /** One speaker says two things in a row, as after a reply that failed. */
  readonly hasNeighbours: boolean;
  /** The names of the parameters that were sent. */
  readonly sent: ReadonlySet<string>;
}

/** One thing that was refused, and the shape without it. */
export interface Reshaped {
  readonly refused: string;
  readonly shape: RequestShape;
}

/** A refusal of another kind may speak of a system prompt too, and is not about it. */
const KINDS: ReadonlySet<RunErrorCode> = new Set(['model_bad_response', 'model_settings', 'model_unavailable']);
/** Statuses with which servers refuse a part of a request; some fail with 500 while they write the prompt. */
const STATUSES: ReadonlySet<number | undefined> = new Set([400, 422, 500, 501]);
/** The parameter is known, and its value is not allowed: that is for the person to hear who has set it. */
const RANGE =
  /must be|has to be|less than|greater than|between|in range|range of|at most|at least|[<>]=|too (large|high|small|low)/i;
const ONLY_DEFAULT = /only the default|does not support|not supported|unsupported|not (allowed|permitted)|cannot both/i;
const UNSUPPORTED =
  /unsupported|not supported|does ?n[o']t support|not (allowed|permitted|available)|unknown|unrecogni[sz]ed|unexpected|extra (inputs|fields)|extra_forbidden|deprecated|invalid (parameter|field)|no such/i;
const ALTERNATE =
  /alternat|(consecutive|successive).{0,30}(messages?|roles?|turns?)|in a row|same role|unexpected role .{0,20} after|after the (optional )?system message/i;
const SYSTEM = new RegExp(
  [
    '(system|developer) (role|message|prompt|instruction)s?',
    `['"\u0060](system|developer)['"\u0060]`,
    '\\broles?\\b[^.\\n]{0,60}\\b(system|developer)\\b',
    // Those who name what they take instead.
    `(only|expected|should be|must be|one of|allowed|supported)[^.\\n]{0,40}\\buser\\b[^.\\n]{0,20}\\b(assistant|model)\\b`,
    'roles? must alternate',
  ].join('|'),
  'i',
);

/** What the messages have that a model may not take. */
export function traitsOf(roles: readonly string[]): Pick<Asked, 'hasSystem' | 'hasNeighbours'> {
  return {
    hasSystem: roles[0] === 'system' || roles[0] === 'developer',
    hasNeighbours: roles.some((role, index) => role === roles[index - 1]),
  };
}

/**
 * What to leave out or to say otherwise, where a server has refused a part of a request; `undefined` where it is about
 * something else, or nothing is left to try.
 */
export function reshape(thrown: unknown, { shape, hasSystem, hasNeighbours, sent }: Asked): Reshaped | undefined {
  const refusal = readRefusal(thrown);
  if (!refusal || !STATUSES.has(refusal.status) || !KINDS.has(toModelError(thrown).code)) return undefined;
  const { status, words, sentences } = refusal;
  const said = `${words.join('\n')}\n${sentences}`;
  const { systemRole = 'system', omit = [] } = shape;
  const without = (refused: Omittable): Reshaped => ({ refused, shape: { ...shape, omit: [...omit, refused] } });

  if (sent.has('stream_options') && /stream_?options|include_usage/i.test(said)) return without('stream_options');
  if (hasNeighbours && ALTERNATE.test(said)) {
    return { refused: 'two messages of one speaker in a row', shape: { ...shape, alternate: true } };
  }
  if (hasSystem && systemRole !== 'user' && SYSTEM.test(said)) {
    const isDeveloperWanted = systemRole === 'system' && /developer (role|message)|'developer'|"developer"/i.test(said);
    return { refused: `role ${systemRole}`, shape: { ...shape, systemRole: isDeveloperWanted ? 'developer' : 'user' } };
  }
  // Beyond this a server that has broken down in some way must not be taken at its word.
  if (status === 500) return undefined;

  const limitName = LIMIT_NAMES.find((name) => sent.has(name));
  const otherName = LIMIT_NAMES.find((name) => name !== limitName);
  if (limitName && said.includes(limitName)) {
    const isOtherWanted = otherName !== undefined && said.includes(otherName);
    if (isOtherWanted || UNSUPPORTED.test(said)) {
      // Who has refused the other one already takes neither.
      if (shape.limitName === limitName) return without('max_tokens');
      return { refused: limitName, shape: { ...shape, limitName: otherName } };
    }
  }
  for (const name of ['temperature', 'top_p'] as const) {
    const isNamed = sent.has(name) && new RegExp(`\\b${name.replace('_', '_?')}\\b`, 'i').test(said);
    if (isNamed && (!RANGE.test(sentences) || ONLY_DEFAULT.test(said))) return without(name);
  }
  const isAboutStream = sent.has('stream') && /\bstream(ing)?\b/i.test(said);
  return isAboutStream && UNSUPPORTED.test(said) ? without('stream') : undefined;
}
