import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import {
  ChatError,
  type Cursor,
  parseStreamName,
  type StreamEvent,
  type SubscribeResult,
} from '../../protocol/index.js';
import { EventBatch } from './committed-batch.js';
import { readDeltas, textReader } from '../journal/journal-tables.js';
import { LiveDeltas } from '../journal/live-deltas.js';
import { type Reader, StreamSources } from './stream-sources.js';
import { MOVED_HEADS } from '../journal/journal.statements.js';
import { epochOf, readEpoch, readEvents, readHead, readHeads, type StreamHeadView } from './stream-tables.js';

/** Further back than this, a snapshot is cheaper than the events. */
const MAX_REPLAY_EVENTS = 500;
const MAX_REPLAY_BYTES = 256 * 1024;

/** Gives readers what they missed, as events or as a snapshot. */
@Injectable()
export class StreamReader {
  constructor(
    private readonly database: Database,
    private readonly sources: StreamSources,
    private readonly live: LiveDeltas = new LiveDeltas(),
  ) {}

  /**
   * What a reader needs to stand at the head. The caller joins the room first, so that nothing falls between (`L3`).
   * @throws ChatError `not_found` for a stream that does not exist or belongs to somebody else
   */
  async subscribe(reader: Reader, stream: string, after: Cursor | undefined): Promise<SubscribeResult> {
    const name = parseStreamName(stream);
    if (!name) throw notFound();
    const source = this.sources.get(name);
    return this.database.reading(async (transaction) => {
      if (!(await source.mayRead(transaction, reader, name))) throw notFound();
      // In the same transaction: a restore may replace everything at any moment.
      const epoch = await readEpoch(transaction);
      const head = await this.headIn(transaction, stream);
      if (after && after.epoch === epoch && after.seq >= head.keptAfter && after.seq <= head.seq) {
        const events = await this.replay(transaction, stream, after.seq, head.seq);
        if (events) return { mode: 'events', epoch, events, head: head.seq };
      }
      const state = await source.snapshot(transaction, name, textReader(transaction, this.live));
      if (state === undefined) throw notFound();
      return { mode: 'snapshot', epoch, seq: head.seq, state };
    });
  }

  /** Whether the reader may still have the stream. */
  async mayRead(reader: Reader, stream: string): Promise<boolean> {
    const name = parseStreamName(stream);
    if (!name) return false;
    return this.database.reading((transaction) => this.sources.get(name).mayRead(transaction, reader, name));
  }

  /** Where the streams stand, those that hold anything, and in which epoch. */
  async heads(streams: readonly string[]): Promise<StreamHeads> {
    return this.database.reading(async (transaction) => {
      const epoch = await readEpoch(transaction);
      const heads = await readHeads(transaction, streams);
      const seqs = [...heads].map(([stream, { seq }]) => [stream, Math.max(seq, this.live.headOf(stream))] as const);
      return { epoch, seqs: new Map(seqs) };
    });
  }

  /**
   * Where those of the streams stand that have moved from where they are thought to stand, and in which epoch. Costs
   * one statement, whatever the number of streams.
   */
  async movedHeads(known: readonly (readonly [stream: string, seq: number])[]): Promise<StreamHeads> {
    const rows = await this.database.query(MOVED_HEADS, [JSON.stringify(known)]);
    const moved = rows.filter(({ stream }) => stream !== null);
    const seqs = moved.map(({ stream, seq }): [string, number] => {
      const name = String(stream);
      return [name, Math.max(Number(seq), this.live.headOf(name))];
    });
    return { epoch: epochOf(rows[0]?.['epoch']), seqs: new Map(seqs) };
  }

  /**
   * Events after `seq`, without asking who reads: for telling those who already listen. Fewer than there are, where
   * some are gone or there are too many.
   */
  async eventsAfter(stream: string, seq: number): Promise<EventBatch> {
    return this.database.reading(async (transaction) => {
      const epoch = await readEpoch(transaction);
      const { seq: head } = await this.headIn(transaction, stream);
      return new EventBatch(stream, epoch, await this.eventsTo(transaction, stream, seq, head));
    });
  }

  private async headIn(transaction: RunsStatements, stream: string): Promise<StreamHeadView> {
    const head = await readHead(transaction, stream);
    return { ...head, seq: Math.max(head.seq, this.live.headOf(stream)) };
  }

  /** All events from `after` to `head`, unless a snapshot is cheaper, or some of them are gone. */
  private async replay(
    transaction: RunsStatements,
    stream: string,
    after: number,
    head: number,
  ): Promise<StreamEvent[] | undefined> {
    if (head - after > MAX_REPLAY_EVENTS) return undefined;
    const events = await this.eventsTo(transaction, stream, after, head);
    const isWhole = events.length === head - after;
    return isWhole && JSON.stringify(events).length <= MAX_REPLAY_BYTES ? events : undefined;
  }

  /** Events are rows; deltas of replies are in memory where this process wrote them, and in the journal. */
  private async eventsTo(
    transaction: RunsStatements,
    stream: string,
    after: number,
    head: number,
  ): Promise<StreamEvent[]> {
    if (after >= head) return [];
    const rows = await readEvents(transaction, stream, after, MAX_REPLAY_EVENTS);
    const known = merge(rows, this.live.eventsAfter(stream, after), head);
    if (known.length === head - after || parseStreamName(stream)?.kind !== 'conversation') return known;
    return merge(
      rows,
      await readDeltas(transaction, stream, after, MAX_REPLAY_EVENTS, this.database.clock.now()),
      head,
    );
  }
}

/** In the order of their numbers, each once, up to `head`: what is newer may not be committed for this reader yet. */
function merge(rows: readonly StreamEvent[], deltas: readonly StreamEvent[], head: number): StreamEvent[] {
  const bySeq = new Map([...rows, ...deltas].map((event) => [event.seq, event]));
  return [...bySeq.values()].filter(({ seq }) => seq <= head).sort((a, b) => a.seq - b.seq);
}

/** `seqs` holds the newest event's number by stream. */
export interface StreamHeads {
  readonly epoch: string;
  readonly seqs: ReadonlyMap<string, number>;
}

const notFound = (): ChatError => new ChatError('not_found', 'There is no such stream.');
