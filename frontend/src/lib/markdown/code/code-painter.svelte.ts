import type { Highlighter } from './highlighter.ts';
import { type PaintedPart, paintedParts } from './painted-parts.ts';
import { paintingWorker } from './painting-worker.ts';

/** At most five highlightings a second while the code is growing. */
const PAINT_INTERVAL_MS = 200;
/** Longer code is highlighted only when it is complete. */
const MAX_OPEN_LENGTH = 20_000;
/** Longer code is not highlighted: it would need too many elements. */
export const MAX_PAINTED_LENGTH = 30_000;
/** Longer code is highlighted in a worker: it would block the page. */
const MAX_HERE_LENGTH = 3_000;
/** Characters of HTML that are inserted per frame. */
const PART_LENGTH = 12_000;

/** Decides when to highlight the code of one block; keeps the last result with the code that it was made from. */
export class CodePainter {
  /** The beginning of the code as HTML. Each frame adds one part. */
  shown = $state.raw<readonly PaintedPart[]>([]);

  #parts: readonly PaintedPart[] = [];
  #painted = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #wanted: { highlighter: Highlighter; code: string; language: string } | undefined;

  /** Highlights `code`: at once if it is complete and short, later otherwise. */
  paint(highlighter: Highlighter, code: string, language: string, isOpen: boolean): void {
    if (!highlighter.knows(language) || code.length > (isOpen ? MAX_OPEN_LENGTH : MAX_PAINTED_LENGTH)) return;
    this.#wanted = { highlighter, code, language };
    if (isOpen) this.#timer ??= setTimeout(() => this.#paintNow(), PAINT_INTERVAL_MS);
    else this.#paintNow();
  }

  cancel(): void {
    this.#wanted = undefined;
    this.#callOff();
    cancelAnimationFrame(this.#frame);
  }

  /** Whether the last result still matches the beginning of `code`. */
  covers(code: string): boolean {
    return this.shown.length > 0 && code.startsWith(this.#painted);
  }

  #callOff(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #paintNow(): void {
    this.#callOff();
    const wanted = this.#wanted;
    if (!wanted || wanted.code === this.#painted) return;
    const { highlighter, code, language } = wanted;
    if (code.length <= MAX_HERE_LENGTH) this.#apply(code, highlighter.html(code, language));
    else void paintingWorker.html(code, language).then((html) => wanted === this.#wanted && this.#apply(code, html));
  }

  #apply(code: string, html: string): void {
    const parts = paintedParts(code, html, PART_LENGTH);
    if (!parts) return;
    this.#parts = parts;
    this.#painted = code;
    this.#showMore(Math.max(1, Math.min(this.shown.length, parts.length)));
  }

  #showMore(count: number): void {
    cancelAnimationFrame(this.#frame);
    this.shown = this.#parts.slice(0, count);
    if (count < this.#parts.length) this.#frame = requestAnimationFrame(() => this.#showMore(count + 1));
  }
}
