import { ModelError } from './model-error.js';
import type { ReplySink } from './model-request.js';
import type { ReplyDeadlines } from './reply-deadlines.js';
import { failureOf } from './failures/finish-reason.js';
import type { ReplyChunk } from './reply-source.js';
import { SpokenText } from './text/spoken-text.js';
import { TokenCounts } from './usage/token-counts.js';
import { beginningOf, WholeCharacters } from './text/whole-characters.js';

/**
 * What one request brings, on its way from the provider's chunks to the reader's sink: whole characters, without
 * thoughts, no more than allowed, in time. Each chunk is a sign of life, whatever it holds.
 *
 * One chunk costs 0.15 us of CPU in a loop, without the sink.
 */
export class Answer {
  /** Whether anything has been given to the sink: then the question must not be asked again. */
  hasSpoken = false;
  /** What the sink itself threw. */
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
   * Passes on the text of a chunk.
   * @throws ModelError when the answer is longer than allowed; the reason of the deadlines' signal; what the sink throws
   */
  readonly take = ({ text: read, finishReason, usage }: ReplyChunk): void => {
    this.deadlines.signal.throwIfAborted();
    const text = this.characters.push(this.spoken.push(read));
    if (text !== '') this.giveWithin(text);
    else if (!this.isFinished) this.deadlines.alive();
    if (usage) this.counts.add(usage);
    if (finishReason === undefined) return;
    this.finishReason = finishReason;
    this.deadlines.expectUsage();
  };

  /**
   * Passes on what is left when the source has no more.
   * @throws ModelError when the answer broke off, was withheld, reached a limit or has no text; what the sink throws
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
    // A limit that is reached before the first word leaves nothing to go on with.
    if (this.isBlank && (failure === undefined || failure === 'model_length')) throw new ModelError('model_empty');
    if (failure !== undefined) throw new ModelError(failure, { isTransient: failure === 'model_unavailable' });
  }

  /**
   * Passes on what was held back in the hope of more.
   * @throws as `take`
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
    // After the sink, whose time is not the model's.
    this.deadlines.spoken();
  }
}
