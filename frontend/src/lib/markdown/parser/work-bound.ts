/**
 * How much of a block is drawn as what it means. Beyond it the text is shown as it was written, with a sentence that
 * says so: a block that takes long to parse or to draw holds up the whole page, each time that it is opened.
 * `npm run bench:page -- blocks` measures what these figures cost.
 */

/** Characters of one paragraph, heading or cell. */
const MAX_LINE_LENGTH = 10_000;
/** Brackets that are open at once, times the length of the line: the parser looks for the end of each. */
const MAX_LOOKS = 3_000_000;
/** Elements and texts of one block. */
const MAX_PARTS = 2_500;

/** What remains of the bound while a block is built. */
export class WorkBound {
  #parts = MAX_PARTS;

  /** Whether there is room for this line. */
  admits(line: string): boolean {
    return this.#parts > 0 && line.length <= MAX_LINE_LENGTH && openBrackets(line) * line.length <= MAX_LOOKS;
  }

  /** Whether that was within the bound. */
  spend(parts: number): boolean {
    this.#parts -= parts;
    return this.#parts >= 0;
  }
}

/** How many are open at once at most. */
function openBrackets(line: string): number {
  let [open, most] = [0, 0];
  for (const [bracket] of line.matchAll(/[[\]]/g)) {
    open = bracket === '[' ? open + 1 : Math.max(0, open - 1);
    most = Math.max(most, open);
  }
  return most;
}
