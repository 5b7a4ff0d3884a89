import type { ModelsConfig } from '../config/config.js';
import { ModelError } from './model-error.js';

export type ReplyLimits = Pick<ModelsConfig, 'firstTokenMs' | 'betweenTokensMs' | 'wallClockMs' | 'maxReplyLength'>;

/** How long to wait for the usage after the end of the text. */
const USAGE_MS = 5_000;

/**
 * The deadlines of one reply, over all its attempts. `signal` aborts with the caller's signal and its reason, or with a
 * `ModelError` when a deadline has passed.
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

  /** Milliseconds until the deadline of the first token. */
  get firstTokenLeftMs(): number {
    return this.firstTokenAt - performance.now();
  }

  /** Called after the sink has handled a token: from now on the deadline between two tokens applies. */
  spoken(): void {
    if (this.hasSpoken) this.patience.refresh();
    else this.rearm(this.limits.betweenTokensMs);
    this.hasSpoken = true;
  }

  /** Called for a chunk without text: restarts the current deadline, but not that of the whole reply. */
  alive(): void {
    this.patience.refresh();
  }

  /** Called when the text is complete and only the usage may follow. */
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
