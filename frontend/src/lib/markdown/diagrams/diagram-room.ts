/** Diagram types that grow horizontally: a low box is enough. */
const IS_FLAT = /^\s*(?:(?:flowchart|graph)[ \t]+(?:LR|RL)\b|timeline\b|gitGraph\b|journey\b)/m;
/** Vertical flowcharts: a line of their code is often a row of the image. */
const IS_TALL = /^\s*(?:flowchart|graph)[ \t]+(?:TD|TB|BT)\b/m;
const LEAST_FLAT_PX = 160;
const LEAST_PX = 288;
const MOST_PX = 448;
/** Pixels for a line of code, a row of a tall image, and the frame around them. */
const LINE_PX = 21;
const ROW_PX = 44;
const PADDING_PX = 28;

/**
 * Height of the box of a diagram in pixels: estimated from its code, and used for both the code and the image, so that
 * nothing below moves when one replaces the other.
 */
export function roomFor(code: string): number {
  const least = IS_FLAT.test(code) ? LEAST_FLAT_PX : LEAST_PX;
  const lines = code.trimEnd().split('\n').length;
  return Math.min(MOST_PX, Math.max(least, PADDING_PX + (IS_TALL.test(code) ? ROW_PX : LINE_PX) * lines));
}
