import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '../../protocol/index.js';
import { type DeltaSource, DeltaTail, type NumberedDelta } from './delta-tail.js';

/** The same time for which events are kept in the tables. */
const KEEP_MS = 10 * 60_000;
/** The longest sum of texts of ended runs, in UTF-16 units: 16 MiB. */
const MAX_ENDED_LENGTH = 8 * 1024 * 1024;

/**
 * The deltas that this process has committed to the journal, in memory: the heads of the streams of its runs, and the
 * newest deltas of each run. Readers are served from here without reading the journal.
 *
 * On SQLite only one process writes the file, and the heads here are ahead of the rows in `stream_heads` while a run
 * streams. On PostgreSQL the rows are up to date, and no heads are kept here.
 */
@Injectable()
export class LiveDeltas {
  /** Whether all committed text of running runs is here: on SQLite, where no other process writes. */
  isComplete = false;
  private readonly heads = new Map<string, number>();
  private readonly tails = new Map<string, DeltaTail>();
  private readonly byStream = new Map<string, DeltaTail[]>();
  /** When each run ended, the oldest first. */
  private readonly ended = new Map<DeltaTail, number>();
  private endedLength = 0;

  /** The head of a stream by the journal; 0 when the row in `stream_heads` is up to date. */
  headOf(stream: string): number {
    return this.heads.get(stream) ?? 0;
  }

  /** Sets the head of a stream that the journal has raised. */
  setHead(stream: string, seq: number): void {
    this.heads.set(stream, seq);
  }

  /** The row in `stream_heads` is up to date again. */
  headWritten(stream: string): void {
    this.heads.delete(stream);
  }

  add(source: DeltaSource, delta: NumberedDelta): void {
    this.tailOf(source).add(delta);
  }

  /** The committed text of the run, if this process has written any. */
  textOf(runId: string): string | undefined {
    return this.tails.get(runId)?.text;
  }

  /** The deltas of a stream after `seq` that are in memory, oldest first; older ones may be missing. */
  eventsAfter(stream: string, seq: number): StreamEvent[] {
    const tails = this.byStream.get(stream) ?? [];
    return tails.filter(({ lastSeq }) => lastSeq > seq).flatMap((tail) => tail.eventsAfter(seq));
  }

  /** The run has ended. Its deltas stay for a while, for tabs that reconnect. */
  end(runId: string, now = performance.now()): void {
    const tail = this.tails.get(runId);
    if (!tail || this.ended.has(tail)) return;
    this.ended.set(tail, now);
    this.endedLength += tail.text.length;
    this.forgetOld(now);
  }

  /** Removes runs that ended long ago, and the oldest ones when their texts are too long together. */
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
