const LEAST_MS = 1_000;
/** A read that takes long is repeated less often. */
const TIMES_DURATION = 3;

/**
 * Repeats a read when events say that its result has changed: at once, but at most once a second, and only while the page is
 * visible.
 */
export class Refresh {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextAt = 0;
  #isWanted = false;
  #isReading = false;
  #isClosed = false;

  constructor(private readonly read: () => Promise<void>) {
    document.addEventListener('visibilitychange', this.#begin);
  }

  /** The result may have changed. */
  soon(): void {
    this.#isWanted = true;
    this.#begin();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#begin);
  }

  readonly #begin = (): void => {
    if (!this.#isWanted || this.#isReading || this.#isClosed || document.visibilityState !== 'visible') return;
    this.#timer ??= setTimeout(() => void this.#run(), Math.max(0, this.#nextAt - performance.now()));
  };

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#isWanted = false;
    this.#isReading = true;
    const startedAt = performance.now();
    await this.read();
    const now = performance.now();
    this.#nextAt = now + Math.max(LEAST_MS, TIMES_DURATION * (now - startedAt));
    this.#isReading = false;
    this.#begin();
  }
}
