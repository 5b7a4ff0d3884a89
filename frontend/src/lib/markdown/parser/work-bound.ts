/**
 * How much of a block is drawn as what it means. Beyond it the text is shown as it was written, with a sentence that
 * says so: a block that takes long to parse or to draw holds up the whole page, each time that it is opened.
 * `npm run bench:page -- blocks` measures what these figures cost.
 */

/** Characters of one paragraph, heading or cell. */
const MAX_LINE_LENGTH = 10_000;
/** Elements and texts of one block. */
const MAX_PARTS = 2_500;

/** What remains of the bound while a block is built. */
export class WorkBound {
  #parts = MAX_PARTS;

  /** Whether there is room for a line of so many characters. */
  admits(length: number): boolean {
    return this.#parts > 0 && length <= MAX_LINE_LENGTH;
  }

  /** Whether that was within the bound. */
  spend(parts: number): boolean {
    this.#parts -= parts;
    return this.#parts >= 0;
  }
}
