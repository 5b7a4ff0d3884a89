/** Where time comes from; each method returns how to call it off. */
export interface Clock {
  now(): number;
  after(delayMs: number, run: () => void): () => void;
  /** Before the next paint, or soon if nothing is painted. */
  beforePaint(run: () => void): () => void;
}

/** No frame comes in a hidden tab or window: do not wait for one longer than this. */
const FRAME_FALLBACK_MS = 250;
/** After a flush that took c the page rests for this many times c, and so spends a quarter of its time here at most. */
const REST_FACTOR = 3;

const after: Clock['after'] = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

const browserClock: Clock = {
  now: () => performance.now(),
  after,
  beforePaint: (run) => {
    const callOff = (): void => {
      cancelAnimationFrame(frame);
      cancelTimer();
    };
    const runOnce = (): void => {
      callOff();
      run();
    };
    const frame = requestAnimationFrame(runOnce);
    const cancelTimer = after(document.hidden ? 0 : FRAME_FALLBACK_MS, runOnce);
    return callOff;
  },
};

interface PacerOptions {
  readonly clock?: Clock;
  /** How many times as long as a flush the page rests after it. */
  readonly restFactor?: number;
}

/** Bundles requests: `flush` runs once a frame at most, and less often the longer it takes. */
export class FlushPacer {
  readonly #flush: () => void;
  readonly #clock: Clock;
  readonly #restFactor: number;
  #restUntil = 0;
  #cancel: (() => void) | undefined;

  constructor(flush: () => void, { clock = browserClock, restFactor = REST_FACTOR }: PacerOptions = {}) {
    this.#flush = flush;
    this.#clock = clock;
    this.#restFactor = restFactor;
  }

  /** `flush` will run soon; asking again before it does changes nothing. */
  request(): void {
    if (this.#cancel) return;
    const restMs = this.#restUntil - this.#clock.now();
    if (restMs > 0) this.#cancel = this.#clock.after(restMs, () => this.#awaitPaint());
    else this.#awaitPaint();
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #awaitPaint(): void {
    this.#cancel = this.#clock.beforePaint(() => this.#run());
  }

  #run(): void {
    this.#cancel = undefined;
    const start = this.#clock.now();
    this.#flush();
    const end = this.#clock.now();
    this.#restUntil = end + this.#restFactor * (end - start);
  }
}
