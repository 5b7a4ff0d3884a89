import { Agenda } from './agenda.ts';
import type { LoopCosts } from '../costs.ts';

/** Does something at a moment. @returns its CPU time, in milliseconds */
export type Work = (startedAt: number) => number;

/** How long a thread that wants a core waits for it, at most: a time slice of Linux with two cores. */
const SLICE_MS = 1.4;
/** Node's timers count whole milliseconds. */
const wholeMs = (delayMs: number): number => Math.max(1, Math.trunc(delayMs));

/** Something that comes after a certain amount of work, and keeps the loop from the next. */
class Pause {
  readonly #ms: number;
  readonly #everyMs: number;
  #next: number;

  constructor(ms: number, everyMs: number) {
    this.#ms = ms;
    this.#everyMs = everyMs;
    this.#next = everyMs;
  }

  /** The pauses that are due after so much work, in milliseconds. */
  after(workedMs: number): number {
    let ms = 0;
    for (; this.#next <= workedMs; this.#next += this.#everyMs) ms += this.#ms;
    return ms;
  }
}

/**
 * An event loop: it does one thing after another, in the order in which they come, with pauses for the collection of
 * garbage and waits for a core. Times are milliseconds from the start.
 */
export class EventLoop {
  readonly #countFrom: number;
  readonly #agenda = new Agenda<Work>();
  /** Pauses that use the core, and waits for one. */
  readonly #pauses: readonly Pause[];
  readonly #wait: Pause | undefined;
  #timer: { readonly at: number; readonly work: Work } | undefined;
  #workedMs = 0;
  /** When everything is done that was begun. */
  freeAt = 0;
  /** CPU time from a given moment on. */
  busyMs = 0;

  constructor(costs: LoopCosts, countFrom: number) {
    this.#countFrom = countFrom;
    this.#pauses = [
      new Pause(costs.minorPauseMs, costs.minorPauseEveryMs),
      new Pause(costs.majorPauseMs, costs.majorPauseEveryMs),
    ];
    if (costs.stretch > 1) this.#wait = new Pause(SLICE_MS, SLICE_MS / (costs.stretch - 1));
  }

  /** Does the work at a moment, or later if the loop is busy then. */
  add(at: number, work: Work): void {
    this.#agenda.add(at, work);
  }

  /** Adds work of the same duration at regular times. */
  addEvery(everyMs: number, workMs: number, end: number): void {
    if (workMs > 0) for (let at = everyMs; at < end; at += everyMs) this.add(at, () => workMs);
  }

  /** As `setTimeout` of a delay. The work may be called twice; the loop has one timer. */
  setTimer(now: number, delayMs: number, work: Work): void {
    // A sleeping loop sleeps for whole milliseconds; if something else wakes it, a whole one of the clock is enough.
    this.add(now + wholeMs(delayMs), work);
    this.#timer = { at: Math.floor(now) + wholeMs(delayMs), work };
  }

  /** Goes on until a moment. */
  run(end: number): void {
    for (let next = this.#agenda.next(end); next; next = this.#agenda.next(end)) {
      const startedAt = Math.max(next.at, this.freeAt);
      const workMs = next.item(startedAt);
      this.#workedMs += workMs;
      const pausesMs = this.#pauses.reduce((sum, pause) => sum + pause.after(this.#workedMs), 0);
      const waitMs = this.#wait?.after(this.#workedMs) ?? 0;
      this.freeAt = startedAt + workMs + pausesMs + waitMs;
      if (this.#timer && this.#timer.at <= startedAt) {
        this.add(startedAt, this.#timer.work);
        this.#timer = undefined;
      }
      if (startedAt >= this.#countFrom) this.busyMs += workMs + pausesMs;
    }
  }
}
