import type { Omittable, RequestShape } from '../config/model-requests.js';
import type { RunErrorCode } from '../protocol/index.js';
import { toModelError } from './failures/provider-failure.js';
import { readRefusal } from './failures/provider-refusal.js';

type LimitName = NonNullable<RequestShape['limitName']>;
const LIMIT_NAMES: readonly LimitName[] = ['max_tokens', 'max_completion_tokens'];

/** The parts of a request that a server may refuse. */
export interface Asked {
  readonly shape: RequestShape;
  readonly hasSystem: boolean;
  /** Whether two consecutive messages have the same role, as after a failed reply. */
  readonly hasNeighbours: boolean;
  /** The names of the parameters that were sent. */
  readonly sent: ReadonlySet<string>;
}

/** A refused part of a request, and the request shape without it. */
export interface Reshaped {
  readonly refused: string;
  readonly shape: RequestShape;
}

/** Refusals of other kinds may mention a system prompt without being about it. */
const KINDS: ReadonlySet<RunErrorCode> = new Set(['model_bad_response', 'model_settings', 'model_unavailable']);
/** Statuses with which servers refuse a part of a request; some fail with 500 when their chat template does. */
const STATUSES: ReadonlySet<number | undefined> = new Set([400, 422, 500, 501]);
/** The value of a known parameter is out of range: an error that the user who set it must see. */
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
    // Servers that list the roles they accept.
    `(only|expected|should be|must be|one of|allowed|supported)[^.\\n]{0,40}\\buser\\b[^.\\n]{0,20}\\b(assistant|model)\\b`,
    'roles? must alternate',
  ].join('|'),
  'i',
);

/** The properties of the messages that a model may refuse. */
export function traitsOf(roles: readonly string[]): Pick<Asked, 'hasSystem' | 'hasNeighbours'> {
  return {
    hasSystem: roles[0] === 'system' || roles[0] === 'developer',
    hasNeighbours: roles.some((role, index) => role === roles[index - 1]),
  };
}

/**
 * Finds the part of a request that a server has refused, and a request shape without it; `undefined` when the error is
 * about something else, or nothing is left to change.
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
    return { refused: 'two messages of one role in a row', shape: { ...shape, alternate: true } };
  }
  if (hasSystem && systemRole !== 'user' && SYSTEM.test(said)) {
    const isDeveloperWanted = systemRole === 'system' && /developer (role|message)|'developer'|"developer"/i.test(said);
    return { refused: `role ${systemRole}`, shape: { ...shape, systemRole: isDeveloperWanted ? 'developer' : 'user' } };
  }
  // For the rest a status of 500 is not trusted: it may have any other cause.
  if (status === 500) return undefined;

  const limitName = LIMIT_NAMES.find((name) => sent.has(name));
  const otherName = LIMIT_NAMES.find((name) => name !== limitName);
  if (limitName && said.includes(limitName)) {
    const isOtherWanted = otherName !== undefined && said.includes(otherName);
    if (isOtherWanted || UNSUPPORTED.test(said)) {
      // The other name was refused before: the server accepts neither.
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
