import { beforeEach, expect, it } from 'vitest';
import { type Clock, FlushPacer } from './flush-pacer.ts';

/** A clock that the test advances; a frame comes every 16 ms. */
class TestClock implements Clock {
  #now = 0;
  #timers = new Set<{ at: number; run: () => void }>();

  now = (): number => this.#now;
  after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };
  beforePaint = (run: () => void): (() => void) => this.after(16 - (this.#now % 16), run);

  spend(ms: number): void {
    this.#now += ms;
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

let clock: TestClock;
let flushes: number[];
let costMs: number;
let pacer: FlushPacer;

beforeEach(() => {
  clock = new TestClock();
  flushes = [];
  costMs = 0;
  pacer = new FlushPacer(
    () => {
      flushes.push(clock.now());
      clock.spend(costMs);
    },
    { clock },
  );
});

it('flushes once a frame, for any number of requests', () => {
  for (let request = 0; request < 5; request++) pacer.request();
  clock.pass(100);
  expect(flushes).toEqual([16]);
  pacer.request();
  clock.pass(100);
  expect(flushes).toHaveLength(2);
});

it('rests three times as long as a flush took', () => {
  costMs = 40;
  pacer.request();
  clock.pass(16);
  expect(flushes).toEqual([16]);
  pacer.request();
  clock.pass(119);
  expect(flushes).toHaveLength(1);
  clock.pass(100);
  expect(flushes).toHaveLength(2);
});

it('does nothing after it was cancelled, also while it rests', () => {
  pacer.request();
  pacer.cancel();
  clock.pass(100);
  expect(flushes).toEqual([]);
  costMs = 40;
  pacer.request();
  clock.pass(20);
  pacer.request();
  pacer.cancel();
  clock.pass(1000);
  expect(flushes).toHaveLength(1);
});
