/** Types of diagrams that grow to the side: a low box is enough for them. */
const IS_FLAT = /^\s*(?:(?:flowchart|graph)[ \t]+(?:LR|RL)\b|timeline\b|gitGraph\b|journey\b)/m;
/** Flowcharts that grow down: a line of their code is often a row of the picture. */
const IS_TALL = /^\s*(?:flowchart|graph)[ \t]+(?:TD|TB|BT)\b/m;
const LEAST_FLAT_PX = 160;
const LEAST_PX = 288;
const MOST_PX = 448;
/** A line of code, a row of a tall picture, and what is above and below all of them. */
const LINE_PX = 21;
const ROW_PX = 44;
const PADDING_PX = 28;

/**
 * How tall the box of a diagram is, in pixels: guessed from its code, and the same for the code and for the picture, so that
 * nothing below it moves when one takes the place of the other.
 */
export function roomFor(code: string): number {
  const least = IS_FLAT.test(code) ? LEAST_FLAT_PX : LEAST_PX;
  const lines = code.trimEnd().split('\n').length;
  return Math.min(MOST_PX, Math.max(least, PADDING_PX + (IS_TALL.test(code) ? ROW_PX : LINE_PX) * lines));
}
