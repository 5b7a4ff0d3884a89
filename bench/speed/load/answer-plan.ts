/** How the model of the measurements answers. */
export interface AnswerPlan {
  readonly tokens: number;
  /** Tokens a second; 0 is as fast as they are taken. */
  readonly rate: number;
  /** Before the first token. */
  readonly waitMs: number;
}

/** The plan as a question. */
export const planText = ({ tokens, rate, waitMs }: AnswerPlan): string =>
  `measure tokens=${tokens} rate=${rate} wait=${waitMs}`;

/** What `planText` has written; a question of anything else is answered with one token. */
export function readPlan(text: string): AnswerPlan {
  const [, tokens = 1, rate = 0, waitMs = 0] = /measure tokens=(\d+) rate=(\d+) wait=(\d+)/.exec(text) ?? [];
  return { tokens: Number(tokens), rate: Number(rate), waitMs: Number(waitMs) };
}
