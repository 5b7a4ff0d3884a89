import { nowMicros } from '../load/clock.ts';
import { TokenCheck } from '../load/token-text.ts';
import type { TabListener } from './system.ts';

/** Latencies of the tokens that the model sends within a window, however late they arrive; and the number of all. */
export class Recorder {
  delivered = 0;
  readonly #latencies: number[] = [];
  #from = Infinity;
  #to = Infinity;

  /** Starts the window. */
  open(): void {
    this.#from = nowMicros();
  }

  /** Ends the window; tokens that were sent in it and arrive later still count. */
  close(): void {
    this.#to = nowMicros();
  }

  add(sentAt: number, arrivedAt: number): void {
    this.delivered += 1;
    if (sentAt >= this.#from && sentAt < this.#to) this.#latencies.push((arrivedAt - sentAt) / 1e3);
  }

  /** Milliseconds from the model to the tab. */
  get latencies(): readonly number[] {
    return this.#latencies;
  }
}

/** Receives one answer at one tab, and checks each token. */
export class MeasuredTab implements TabListener {
  readonly check: TokenCheck;
  /** Resolves when the answer has ended, complete or not. */
  readonly over: Promise<void>;
  readonly #resolve: () => void;
  #arrivedAt = 0;
  #failure: Error | undefined;
  firstAt: number | undefined;

  constructor(expected: number, recorder?: Pick<Recorder, 'add'>) {
    ({ promise: this.over, resolve: this.#resolve } = Promise.withResolvers<void>());
    this.check = new TokenCheck(expected, (sentAt) => recorder?.add(sentAt, this.#arrivedAt));
  }

  text(text: string): void {
    this.#arrivedAt = nowMicros();
    this.firstAt ??= this.#arrivedAt;
    this.check.feed(text);
  }

  ended(): void {
    this.#resolve();
  }

  failed(error: Error): void {
    this.#failure = error;
    this.#resolve();
  }

  /** The first problem, in words; `undefined` without one. */
  get problem(): string | undefined {
    if (this.errors === 0) return undefined;
    return this.#failure?.message ?? `${this.check.errors} wrong or missing after ${this.check.received} tokens`;
  }

  /** Wrong or missing tokens, and failures. */
  get errors(): number {
    return this.check.errors + (this.#failure ? 1 : 0);
  }
}
