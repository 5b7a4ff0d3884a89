import type { StreamEvent } from '../../protocol/index.js';

/** The run that writes a delta, its message, and the stream on which the delta is published. */
export interface DeltaSource {
  readonly runId: string;
  readonly messageId: string;
  /** `conversation:<id>` */
  readonly stream: string;
}

/** A piece of a run's text; `offset` counts UTF-16 units from the beginning of the message. */
export interface Delta {
  readonly offset: number;
  readonly text: string;
}

/** A delta with its number in the stream; `at` is in milliseconds since 1970. */
export interface NumberedDelta extends Delta {
  readonly seq: number;
  readonly at: number;
}

/** The number of deltas that are kept for replay; a reader that is further behind gets a snapshot. */
const KEPT_DELTAS = 500;

/** The event of a delta, as it is published. */
export const deltaEvent = (
  { runId, messageId }: DeltaSource,
  { seq, at, offset, text }: NumberedDelta,
): StreamEvent => ({ seq, type: 'run.delta', at, data: { runId, messageId, offset, text } });

/**
 * The committed deltas of one run, in memory: the whole text, and the offsets of its newest deltas. A delta takes three
 * numbers here, since its text is a slice of the whole.
 */
export class DeltaTail {
  private written = '';
  private begin: number | undefined;
  private readonly seqs: number[] = [];
  private readonly offsets: number[] = [];
  private readonly moments: number[] = [];

  constructor(readonly source: DeltaSource) {}

  /** The whole text of this run, without the text that earlier runs wrote in the same message. */
  get text(): string {
    return this.written;
  }

  /** The number of the newest delta; 0 before the first. */
  get lastSeq(): number {
    return this.seqs.at(-1) ?? 0;
  }

  /** Appends a delta, which must follow directly behind the last one. */
  add({ seq, at, offset, text }: NumberedDelta): void {
    this.begin ??= offset;
    this.written += text;
    this.seqs.push(seq);
    this.offsets.push(offset);
    this.moments.push(at);
    if (this.seqs.length < 2 * KEPT_DELTAS) return;
    for (const list of [this.seqs, this.offsets, this.moments]) list.splice(0, KEPT_DELTAS);
  }

  /** The deltas after `seq` that are kept, as events, oldest first; older ones may be missing. */
  eventsAfter(seq: number): StreamEvent[] {
    const { begin = 0 } = this;
    const first = this.seqs.findIndex((known) => known > seq);
    if (first < 0) return [];
    return this.seqs.slice(first).map((known, index) => {
      const offset = this.offsets[first + index] ?? 0;
      const end = this.offsets[first + index + 1] ?? begin + this.written.length;
      const text = this.written.slice(offset - begin, end - begin);
      return deltaEvent(this.source, { seq: known, at: this.moments[first + index] ?? 0, offset, text });
    });
  }
}
