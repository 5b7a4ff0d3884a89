import { m } from '#lib/language/messages.svelte.ts';
import type { RunErrorCode } from '#protocol';

interface RunFailure {
  readonly title: string;
  readonly sentence: string;
}

/** What happened to a reply, and what the reader can do about it. */
export const runFailure = (code: RunErrorCode): RunFailure => ({
  title: m[`run_${code}_title`](),
  sentence: m[`run_${code}_text`](),
});
