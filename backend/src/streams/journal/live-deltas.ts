import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '../../protocol/index.js';
import { type DeltaSource, DeltaTail, type NumberedDelta } from './delta-tail.js';

/** As long as events are kept in the tables. */
const KEEP_MS = 10 * 60_000;
/** What runs that have ended may hold together, in UTF-16 units: 16 MiB. */
const MAX_ENDED_LENGTH = 8 * 1024 * 1024;

/**
 * What this process has committed to the journal, in memory: where the streams of its runs stand, and the newest deltas
 * of each. It answers readers without reading the journal.
 *
 * On SQLite one process alone writes the file, and the heads here are ahead of the rows in `stream_heads` while a run
 * streams. On PostgreSQL the rows are right and no head is held here.
 */
@Injectable()
export class LiveDeltas {
  /** Whether nothing is committed but what stands here: on SQLite, where this process alone writes. */
  isComplete = false;
  private readonly heads = new Map<string, number>();
  private readonly tails = new Map<string, DeltaTail>();
  private readonly byStream = new Map<string, DeltaTail[]>();
  /** When each run ended, the oldest first. */
  private readonly ended = new Map<DeltaTail, number>();
  private endedLength = 0;

  /** Where a stream stands by the journal; 0 when the row in `stream_heads` knows best. */
  headOf(stream: string): number {
    return this.heads.get(stream) ?? 0;
  }

  /** The journal has moved the stream. */
  setHead(stream: string, seq: number): void {
    this.heads.set(stream, seq);
  }

  /** A row of `stream_heads` was committed that is as new as what the journal knows. */
  headWritten(stream: string): void {
    this.heads.delete(stream);
  }

  add(source: DeltaSource, delta: NumberedDelta): void {
    this.tailOf(source).add(delta);
  }

  /** What is committed of the run's text, if this process has written any. */
  textOf(runId: string): string | undefined {
    return this.tails.get(runId)?.text;
  }

  /** The newest deltas of a stream after `seq`, oldest first; there may have been others before them. */
  eventsAfter(stream: string, seq: number): StreamEvent[] {
    const tails = this.byStream.get(stream) ?? [];
    return tails.filter(({ lastSeq }) => lastSeq > seq).flatMap((tail) => tail.eventsAfter(seq));
  }

  /** The run writes no more. Its deltas stay for a while, for tabs that come back. */
  end(runId: string, now = performance.now()): void {
    const tail = this.tails.get(runId);
    if (!tail || this.ended.has(tail)) return;
    this.ended.set(tail, now);
    this.endedLength += tail.text.length;
    this.forgetOld(now);
  }

  /** Lets go of runs that ended long ago, and of the oldest where there are too many. */
  private forgetOld(now: number): void {
    for (const [tail, at] of this.ended) {
      if (at > now - KEEP_MS && this.endedLength <= MAX_ENDED_LENGTH) return;
      this.ended.delete(tail);
      this.endedLength -= tail.text.length;
      this.forget(tail);
    }
  }

  private tailOf(source: DeltaSource): DeltaTail {
    const known = this.tails.get(source.runId);
    if (known) return known;
    const tail = new DeltaTail(source);
    this.tails.set(source.runId, tail);
    const others = this.byStream.get(source.stream);
    if (others) others.push(tail);
    else this.byStream.set(source.stream, [tail]);
    return tail;
  }

  private forget(tail: DeltaTail): void {
    const { runId, stream } = tail.source;
    this.tails.delete(runId);
    const others = this.byStream.get(stream)?.filter((other) => other !== tail) ?? [];
    if (others.length > 0) this.byStream.set(stream, others);
    else this.byStream.delete(stream);
  }
}
