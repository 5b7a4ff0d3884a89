import type { ModelsConfig } from '../config/config.js';
import { ModelError } from './model-error.js';

export type ReplyLimits = Pick<ModelsConfig, 'firstTokenMs' | 'betweenTokensMs' | 'wallClockMs' | 'maxReplyLength'>;

/** How long the usage may lag behind the end of the text. */
const USAGE_MS = 5_000;

/**
 * The clocks of one reply, over all its attempts. `signal` aborts when the caller's does, with the same reason,
 * or when one of the clocks runs out, with a `ModelError`.
 */
export class ReplyDeadlines implements Disposable {
  private readonly controller = new AbortController();
  private readonly firstTokenAt: number;
  private readonly wallClock: NodeJS.Timeout;
  private patience: NodeJS.Timeout;
  private hasSpoken = false;

  constructor(
    private readonly limits: ReplyLimits,
    private readonly caller: AbortSignal,
  ) {
    this.firstTokenAt = performance.now() + limits.firstTokenMs;
    this.patience = setTimeout(this.runOut, limits.firstTokenMs);
    this.wallClock = setTimeout(this.runOut, limits.wallClockMs);
    if (caller.aborted) this.follow();
    else caller.addEventListener('abort', this.follow);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Milliseconds until the first token must have come. */
  get firstTokenLeftMs(): number {
    return this.firstTokenAt - performance.now();
  }

  /** The model has spoken, and what it said is dealt with: its turn again, for as long as it may take between two tokens. */
  spoken(): void {
    if (this.hasSpoken) this.patience.refresh();
    else this.rearm(this.limits.betweenTokensMs);
    this.hasSpoken = true;
  }

  /** Something came, though nothing to read: as long again for the next word. Only the wall clock goes on. */
  alive(): void {
    this.patience.refresh();
  }

  /** The text is complete, only the usage may follow. */
  expectUsage(): void {
    this.rearm(Math.min(USAGE_MS, this.limits.betweenTokensMs));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.patience);
    clearTimeout(this.wallClock);
    this.caller.removeEventListener('abort', this.follow);
  }

  private readonly follow = (): void => this.controller.abort(this.caller.reason);

  private readonly runOut = (): void => this.controller.abort(new ModelError('model_timeout'));

  private rearm(ms: number): void {
    clearTimeout(this.patience);
    this.patience = setTimeout(this.runOut, ms);
  }
}
