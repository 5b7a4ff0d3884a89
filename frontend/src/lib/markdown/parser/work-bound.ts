/**
 * How much of a block is drawn with formatting. The text beyond the bound is shown as plain text, with a note: a block
 * that takes long to parse or draw would block the whole page each time that it is opened.
 * `npm run bench:page -- blocks` measures the cost of these limits.
 */

/** Characters of one paragraph, heading or cell. */
const MAX_LINE_LENGTH = 10_000;
/** Brackets open at once, times the length of the line: the parser searches the end of each. */
const MAX_LOOKS = 3_000_000;
/** Elements and texts of one block. */
const MAX_PARTS = 2_500;

/** The rest of the bound while a block is built. */
export class WorkBound {
  #parts = MAX_PARTS;

  /** Whether this line is within the bound. */
  admits(line: string): boolean {
    return this.#parts > 0 && line.length <= MAX_LINE_LENGTH && openBrackets(line) * line.length <= MAX_LOOKS;
  }

  /** Whether the bound was kept. */
  spend(parts: number): boolean {
    this.#parts -= parts;
    return this.#parts >= 0;
  }
}

/** The largest number of brackets that are open at once. */
function openBrackets(line: string): number {
  let [open, most] = [0, 0];
  for (const [bracket] of line.matchAll(/[[\]]/g)) {
    open = bracket === '[' ? open + 1 : Math.max(0, open - 1);
    most = Math.max(most, open);
  }
  return most;
}
