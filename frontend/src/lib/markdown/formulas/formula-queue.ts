/** Milliseconds per frame for rendering formulas. */
const BUDGET_MS = 8;

/**
 * Renders formulas within the time of a frame, and the others in the next frames: a reply may have thousands, and each
 * takes as long as a paragraph.
 */
export class FormulaQueue {
  readonly #waiting = new Set<() => void>();
  #spentMs = 0;
  #isFrameAsked = false;

  /** Runs `set` at once if there is time, otherwise soon. Returns a function that cancels it. */
  request(set: () => void): () => void {
    this.#waiting.add(set);
    this.#work();
    return () => this.#waiting.delete(set);
  }

  #work(): void {
    for (const set of this.#waiting) {
      if (this.#spentMs >= BUDGET_MS) break;
      this.#waiting.delete(set);
      const startedAt = performance.now();
      set();
      this.#spentMs += performance.now() - startedAt;
    }
    if (this.#spentMs > 0) this.#askForFrame();
  }

  #askForFrame(): void {
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    // A hidden tab gets no frames, and its formulas are not urgent.
    requestAnimationFrame(() => {
      this.#isFrameAsked = false;
      this.#spentMs = 0;
      this.#work();
    });
  }
}

export const formulaQueue = new FormulaQueue();
