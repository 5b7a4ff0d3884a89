import { ModelError } from './model-error.js';
import type { ReplySink } from './model-request.js';
import type { ReplyDeadlines } from './reply-deadlines.js';
import type { ReplyChunk } from './reply-source.js';
import { TokenCounts } from './token-counts.js';
import { beginningOf, WholeCharacters } from './whole-characters.js';

/** Reasons for which a provider withholds the rest of an answer, under all the names that they go by. */
const REFUSALS: ReadonlySet<string> = new Set([
  'content_filter',
  'refusal',
  'SAFETY',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
]);

/**
 * What one request brings, on its way from the provider's chunks to the reader's sink: whole characters, no more than
 * allowed, in time.
 *
 * One chunk costs 0.1 us of CPU in a loop, without the sink.
 */
export class Answer {
  /** Whether anything has been given to the sink: then the question must not be asked again. */
  hasSpoken = false;
  /** What the sink itself threw. */
  sinkFailure: { readonly thrown: unknown } | undefined;
  private readonly characters = new WholeCharacters();
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
  readonly take = ({ text: read, isThinking, finishReason, usage }: ReplyChunk): void => {
    this.deadlines.signal.throwIfAborted();
    const text = this.characters.push(read);
    if (this.length + text.length > this.maxLength) {
      this.give(beginningOf(text, this.maxLength - this.length));
      throw new ModelError('model_too_long');
    }
    if (text !== '') this.give(text);
    else if (isThinking) this.deadlines.spoken();
    if (usage) this.counts.add(usage);
    if (finishReason === undefined) return;
    this.finishReason = finishReason;
    this.deadlines.expectUsage();
  };

  /**
   * Passes on what is left when the source has no more.
   * @throws ModelError when the answer broke off or was withheld; what the sink throws
   */
  end(): void {
    this.give(this.characters.flush());
    const usage = this.counts.total;
    if (usage) {
      this.hasSpoken = true;
      this.sink.usage(usage);
    }
    if (this.finishReason === undefined) throw new ModelError('model_truncated', { isTransient: true });
    if (REFUSALS.has(this.finishReason)) throw new ModelError('model_refused');
  }

  private give(text: string): void {
    if (text === '') return;
    this.hasSpoken = true;
    this.length += text.length;
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
