import type { StreamEvent } from '../../protocol/index.js';

/** Which run writes, into which message, and on which stream that is told. */
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

/** A delta with the place that it has in its stream; `at` in milliseconds since 1970. */
export interface NumberedDelta extends Delta {
  readonly seq: number;
  readonly at: number;
}

/** So many deltas can be replayed; a reader that is further behind gets a snapshot. */
const KEPT_DELTAS = 500;

/** The event that tabs are told. */
export const deltaEvent = (
  { runId, messageId }: DeltaSource,
  { seq, at, offset, text }: NumberedDelta,
): StreamEvent => ({ seq, type: 'run.delta', at, data: { runId, messageId, offset, text } });

/**
 * What is committed of one run, in memory: its whole text, and where its newest deltas begin in it. A delta costs three
 * numbers here; its text is a part of the whole.
 */
export class DeltaTail {
  private written = '';
  private begin: number | undefined;
  private readonly seqs: number[] = [];
  private readonly offsets: number[] = [];
  private readonly moments: number[] = [];

  constructor(readonly source: DeltaSource) {}

  /** All that the run has written; what runs before it have written of the same message is not part of it. */
  get text(): string {
    return this.written;
  }

  /** The number of the newest delta; 0 before the first. */
  get lastSeq(): number {
    return this.seqs.at(-1) ?? 0;
  }

  /** Adds what comes next: deltas of a run follow each other without a gap. */
  add({ seq, at, offset, text }: NumberedDelta): void {
    this.begin ??= offset;
    this.written += text;
    this.seqs.push(seq);
    this.offsets.push(offset);
    this.moments.push(at);
    if (this.seqs.length < 2 * KEPT_DELTAS) return;
    for (const list of [this.seqs, this.offsets, this.moments]) list.splice(0, KEPT_DELTAS);
  }

  /** The newest deltas after `seq` as events, oldest first; there may have been others before them. */
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
