/** A clock; each method returns a function that cancels the call. */
export interface Clock {
  now(): number;
  after(delayMs: number, run: () => void): () => void;
  /** Before the next paint, or soon if nothing is painted. */
  beforePaint(run: () => void): () => void;
}

/** A hidden tab or window gets no frames: do not wait longer than this for one. */
const FRAME_FALLBACK_MS = 250;
/** After a flush of duration c, wait this many times c: flushing then takes at most a quarter of the time. */
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
  /** How many times the duration of a flush to wait after it. */
  readonly restFactor?: number;
}

/** Coalesces requests: `flush` runs at most once a frame, and less often if it takes long. */
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

  /** Schedules `flush`; further calls before it runs change nothing. */
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
