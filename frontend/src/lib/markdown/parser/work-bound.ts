/**
 * How much of a block is drawn as what it means. Beyond it the text is shown as it was written, with a sentence that
 * says so: a block that takes long to parse or to draw holds up the whole page, each time that it is opened.
 * The figures come from `npm run bench:page -- blocks`.
 */

/** Characters of one paragraph, heading or cell. */
const MAX_LINE_LENGTH = 20_000;
/** Characters of one block. */
const MAX_LENGTH = 100_000;
/** Elements and texts of one block. */
const MAX_PARTS = 3_000;

/** What remains of the bound while a block is built. */
export class WorkBound {
  #parts = MAX_PARTS;
  #length = MAX_LENGTH;

  /** Whether there is room for a line of so many characters. */
  admits(length: number): boolean {
    return this.#parts > 0 && length <= Math.min(MAX_LINE_LENGTH, this.#length);
  }

  /** Whether that was within the bound. */
  spend(parts: number, length: number): boolean {
    this.#parts -= parts;
    this.#length -= length;
    return this.#parts >= 0 && this.#length >= 0;
  }
}
