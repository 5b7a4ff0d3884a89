import type { Highlighter } from './highlighter.ts';

/** At most five paintings a second while the code is still growing. */
const PAINT_INTERVAL_MS = 200;
/** Longer code is painted when it is complete. */
const MAX_OPEN_LENGTH = 20_000;
/** Longer code stays plain: painting it would hold up the page. */
const MAX_LENGTH = 30_000;

/** Decides when to highlight the code of one block, and keeps the last painting with the code it was made from. */
export class CodePainter {
  /** HTML of the first `paintedLength` characters; `undefined` while the code is plain. */
  html = $state.raw<string>();
  paintedLength = $state.raw(0);

  #painted = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Paints `code`, at once if it is complete and after a while if it is open. */
  paint(highlighter: Highlighter, code: string, language: string, isOpen: boolean): void {
    if (!highlighter.knows(language) || code.length > (isOpen ? MAX_OPEN_LENGTH : MAX_LENGTH)) return;
    if (!isOpen) {
      this.cancel();
      this.#paintNow(highlighter, code, language);
      return;
    }
    this.#pending = { highlighter, code, language };
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const pending = this.#pending;
      if (pending) this.#paintNow(pending.highlighter, pending.code, pending.language);
    }, PAINT_INTERVAL_MS);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether the painting still shows the beginning of `code`. */
  covers(code: string): boolean {
    return this.html !== undefined && code.startsWith(this.#painted);
  }

  #pending: { highlighter: Highlighter; code: string; language: string } | undefined;

  #paintNow(highlighter: Highlighter, code: string, language: string): void {
    if (this.covers(code) && code.length === this.paintedLength) return;
    this.html = highlighter.html(code, language);
    this.#painted = code;
    this.paintedLength = code.length;
  }
}
