import type { ModelAnswer } from '../../backend/testing/model/model-answer.ts';
import { paced } from '../../backend/testing/model/pacing.ts';

/** Writes a text in tokens of `length` characters, so many a second, and keeps to it over the whole time. */
export async function streamPaced(
  answer: ModelAnswer,
  content: string,
  length: number,
  perSecond: number,
): Promise<void> {
  const starts = Array.from({ length: Math.ceil(content.length / length) }, (_, token) => token * length);
  for await (const at of paced(starts, perSecond, answer.gone)) await answer.text(content.slice(at, at + length));
}

export async function endAnswer(answer: ModelAnswer): Promise<void> {
  await answer.finish('stop');
  await answer.done();
}
