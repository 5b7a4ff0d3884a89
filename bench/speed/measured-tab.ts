import { nowMicros } from './clock.ts';
import { TokenCheck } from './token-text.ts';
import type { TabListener } from './system.ts';

/** Where latencies go while somebody wants them, and how many tokens tabs were given in all. */
export class Recorder {
  delivered = 0;
  #latencies: number[] | undefined;

  open(): void {
    this.#latencies = [];
  }

  /** @returns milliseconds from the model to the tab, of each token since `open` */
  close(): readonly number[] {
    const latencies = this.#latencies ?? [];
    this.#latencies = undefined;
    return latencies;
  }

  add(latencyMicros: number): void {
    this.delivered += 1;
    this.#latencies?.push(latencyMicros / 1e3);
  }
}

/** What one tab receives of one answer, checked token by token. */
export class MeasuredTab implements TabListener {
  readonly check: TokenCheck;
  /** Resolves when the answer is over, whole or not. */
  readonly over: Promise<void>;
  readonly #resolve: () => void;
  #arrivedAt = 0;
  #failure: Error | undefined;
  firstAt: number | undefined;

  constructor(expected: number, recorder?: Recorder) {
    ({ promise: this.over, resolve: this.#resolve } = Promise.withResolvers<void>());
    this.check = new TokenCheck(expected, (sentAt) => recorder?.add(this.#arrivedAt - sentAt));
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

  /** Tokens that are wrong or missing, and failures. */
  get errors(): number {
    return this.check.errors + (this.#failure ? 1 : 0);
  }
}
