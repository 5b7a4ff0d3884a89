/** So long may formulas take before the next paint, in milliseconds. */
const BUDGET_MS = 8;

/**
 * Sets formulas as long as the time of a frame lasts, and the others in the frames that follow: a reply may have
 * thousands, and each takes as long as a paragraph.
 */
export class FormulaQueue {
  readonly #waiting = new Set<() => void>();
  #spentMs = 0;
  #isFrameAsked = false;

  /** Runs `set` at once if there is time, or else soon. Returns how to call it off. */
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
    // No frame comes in a hidden tab: nobody waits for formulas there.
    requestAnimationFrame(() => {
      this.#isFrameAsked = false;
      this.#spentMs = 0;
      this.#work();
    });
  }
}

export const formulaQueue = new FormulaQueue();
