import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { ProcessMeter } from '../../speed/report/process-meter.ts';

/** What an event loop has used. */
export interface LoopUse {
  /** CPU time, with the collection of garbage, in microseconds. */
  readonly workMicros: number;
  /** How long it had work but no core, in microseconds. */
  readonly waitMicros: number;
  /** Pauses for the collection of garbage, and the sum of their durations in milliseconds. */
  readonly minor: number;
  readonly minorMs: number;
  readonly major: number;
  readonly majorMs: number;
}

export const useBetween = (before: LoopUse, after: LoopUse): LoopUse => ({
  workMicros: after.workMicros - before.workMicros,
  waitMicros: after.waitMicros - before.waitMicros,
  minor: after.minor - before.minor,
  minorMs: after.minorMs - before.minorMs,
  major: after.major - before.major,
  majorMs: after.majorMs - before.majorMs,
});

type GarbageEntry = PerformanceEntry & { readonly detail: { readonly kind: number } };

/** Observes the event loop of this process. */
export class OwnLoop implements Disposable {
  readonly #meter = new ProcessMeter([process.pid]);
  readonly #minor: number[] = [];
  readonly #major: number[] = [];
  readonly #observer = new PerformanceObserver((list) => this.#add(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  read(): LoopUse {
    this.#add(this.#observer.takeRecords());
    const sum = (durations: readonly number[]): number => durations.reduce((total, ms) => total + ms, 0);
    return {
      workMicros: this.#meter.loopMicros,
      waitMicros: this.#meter.loopWaitMicros,
      minor: this.#minor.length,
      minorMs: sum(this.#minor),
      major: this.#major.length,
      majorMs: sum(this.#major),
    };
  }

  #add(entries: readonly PerformanceEntry[]): void {
    for (const entry of entries) {
      const { detail, duration } = entry as GarbageEntry;
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) this.#minor.push(duration);
      else if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) this.#major.push(duration);
    }
  }

  [Symbol.dispose](): void {
    this.#observer.disconnect();
  }
}
