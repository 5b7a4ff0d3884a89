import { m } from '#lib/language/messages.svelte.ts';
import type { RunErrorCode } from '#protocol';

interface RunFailure {
  readonly title: string;
  readonly sentence: string;
}

/** Their sentences say that the model was not reached, which is wrong below a partial reply. */
const NEVER_REACHED: ReadonlySet<RunErrorCode> = new Set(['model_unavailable', 'model_auth']);

/** After these failures, tell the user that the text so far is kept. */
const KEEPS: ReadonlySet<RunErrorCode> = new Set([
  'model_timeout',
  'model_truncated',
  'model_bad_response',
  'model_too_long',
  'internal',
]);

/**
 * What happened to a reply, and what the user can do about it.
 * @param hasText whether a part of the reply has arrived and is shown above
 */
export function runFailure(code: RunErrorCode, hasText: boolean): RunFailure {
  if (hasText && NEVER_REACHED.has(code)) {
    return { title: m.run_broken_off_title(), sentence: `${m.run_broken_off_text()} ${m.reply_kept()}` };
  }
  const sentence = m[`run_${code}_text`]();
  return {
    title: m[`run_${code}_title`](),
    sentence: hasText && KEEPS.has(code) ? `${sentence} ${m.reply_kept()}` : sentence,
  };
}
