/** How the scripted model answers. */
export interface AnswerPlan {
  readonly tokens: number;
  /** Tokens per second; 0 is as fast as they are read. */
  readonly rate: number;
  /** The delay before the first token. */
  readonly waitMs: number;
}

/** The plan as the text of a question. */
export const planText = ({ tokens, rate, waitMs }: AnswerPlan): string =>
  `measure tokens=${tokens} rate=${rate} wait=${waitMs}`;

/** Parses the text of `planText`; any other question is answered with one token. */
export function readPlan(text: string): AnswerPlan {
  const [, tokens = 1, rate = 0, waitMs = 0] = /measure tokens=(\d+) rate=(\d+) wait=(\d+)/.exec(text) ?? [];
  return { tokens: Number(tokens), rate: Number(rate), waitMs: Number(waitMs) };
}
