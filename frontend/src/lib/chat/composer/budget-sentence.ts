import { m } from '#lib/language/messages.svelte.ts';
import { resetWords } from '#lib/people/format-budget.ts';

/** Why messages are refused until `at`; `undefined` when the budget has begun anew. Both in milliseconds since 1970. */
export const budgetSentence = (at: number, now: number): string | undefined =>
  now < at ? m.composer_budget({ time: resetWords(at) }) : undefined;
