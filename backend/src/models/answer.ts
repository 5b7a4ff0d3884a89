import { ModelError } from './model-error.js';
import type { ReplySink } from './model-request.js';
import type { ReplyDeadlines } from './reply-deadlines.js';
import { failureOf } from './failures/finish-reason.js';
import type { ReplyChunk } from './reply-source.js';
import { SpokenText } from './text/spoken-text.js';
import { TokenCounts } from './usage/token-counts.js';
import { beginningOf, WholeCharacters } from './text/whole-characters.js';

/**
 * Turns the provider's chunks of one request into the text for the sink: whole characters, without the model's
 * thoughts, within the allowed length and time. Every chunk resets the deadline, even an empty one.
 *
 * One chunk costs 0.15 us of CPU in a loop, without the sink.
 */
export class Answer {
  /** Whether the sink was given anything: then the request must not be repeated. */
  hasSpoken = false;
  /** The error that the sink threw. */
  sinkFailure: { readonly thrown: unknown } | undefined;
  private readonly spoken = new SpokenText();
  private readonly characters = new WholeCharacters();
  private isBlank = true;
  private length = 0;
  private finishReason: string | undefined;
  private readonly counts = new TokenCounts();

  constructor(
    private readonly sink: ReplySink,
    private readonly maxLength: number,
    private readonly deadlines: ReplyDeadlines,
  ) {}

  /** Whether the text is complete, so that only the usage may follow. */
  get isFinished(): boolean {
    return this.finishReason !== undefined;
  }

  /**
   * Processes a chunk and passes its text on.
   * @throws ModelError when the answer is longer than allowed; the reason of the deadlines' signal; what the sink
   * throws
   */
  readonly take = ({ text: read, finishReason, usage }: ReplyChunk): void => {
    this.deadlines.signal.throwIfAborted();
    const text = this.characters.push(this.spoken.push(read));
    if (text !== '') this.giveWithin(text);
    else if (!this.isFinished) this.deadlines.alive();
    if (usage) this.counts.add(usage);
    if (finishReason === undefined) return;
    if (!this.isFinished) this.sink.finished?.(finishReason);
    this.finishReason = finishReason;
    this.deadlines.expectUsage();
  };

  /**
   * Passes on the rest of the text and the usage, at the end of the source.
   * @throws ModelError when the answer broke off, was refused, reached a limit or has no text; what the sink throws
   */
  end(): void {
    this.flush();
    const usage = this.counts.total;
    if (usage) {
      this.hasSpoken = true;
      this.sink.usage(usage);
    }
    if (this.finishReason === undefined) throw new ModelError('model_truncated', { isTransient: true });
    const failure = failureOf(this.finishReason);
    // A reply that reached its limit before the first word cannot be continued, so it counts as empty.
    if (this.isBlank && (failure === undefined || failure === 'model_length')) throw new ModelError('model_empty');
    if (failure !== undefined) throw new ModelError(failure, { isTransient: failure === 'model_unavailable' });
  }

  /**
   * Passes on text that was held back until more arrives.
   * @throws the same errors as `take`
   */
  flush(): void {
    const text = this.characters.push(this.spoken.flush()) + this.characters.flush();
    if (text !== '') this.giveWithin(text);
  }

  private giveWithin(text: string): void {
    if (this.length + text.length <= this.maxLength) return this.give(text);
    this.give(beginningOf(text, this.maxLength - this.length));
    throw new ModelError('model_too_long');
  }

  private give(text: string): void {
    if (text === '') return;
    this.hasSpoken = true;
    this.length += text.length;
    if (this.isBlank) this.isBlank = text.trim() === '';
    try {
      this.sink.text(text);
    } catch (thrown) {
      this.sinkFailure = { thrown };
      throw thrown;
    }
    // After the sink, because its time does not count as waiting for the model.
    this.deadlines.spoken();
  }
}
