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

/** Beyond these limits a snapshot is cheaper than the events. */
const MAX_REPLAY_EVENTS = 500;
const MAX_REPLAY_BYTES = 256 * 1024;

/** Reads what a subscriber has missed, as events or as a snapshot. */
@Injectable()
export class StreamReader {
  constructor(
    private readonly database: Database,
    private readonly sources: StreamSources,
    private readonly live: LiveDeltas = new LiveDeltas(),
  ) {}

  /**
   * Reads the events after the cursor, or a snapshot when there is no cursor, when it is too old, or when it belongs to
   * another epoch. The caller joins the room first, so that no event is missed in between (`L3`).
   * @throws ChatError `not_found` for a stream that does not exist or that the reader may not read
   */
  async subscribe(reader: Reader, stream: string, after: Cursor | undefined): Promise<SubscribeResult> {
    const name = parseStreamName(stream);
    if (!name) throw notFound();
    const source = this.sources.get(name);
    return this.database.reading(async (transaction) => {
      if (!(await source.mayRead(transaction, reader, name))) throw notFound();
      // In the same transaction, because a restored backup may replace all data at any moment.
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

  /** Whether the reader may still read the stream. */
  async mayRead(reader: Reader, stream: string): Promise<boolean> {
    const name = parseStreamName(stream);
    if (!name) return false;
    return this.database.reading((transaction) => this.sources.get(name).mayRead(transaction, reader, name));
  }

  /** The heads of those streams that have events, and the epoch. */
  async heads(streams: readonly string[]): Promise<StreamHeads> {
    return this.database.reading(async (transaction) => {
      const epoch = await readEpoch(transaction);
      const heads = await readHeads(transaction, streams);
      const seqs = [...heads].map(([stream, { seq }]) => [stream, Math.max(seq, this.live.headOf(stream))] as const);
      return { epoch, seqs: new Map(seqs) };
    });
  }

  /**
   * The heads of those streams whose head differs from the given one, and the epoch. This takes one statement, whatever
   * the number of streams.
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
   * The events after `seq`, for sockets that already follow the stream: the right to read is not checked. Events may be
   * missing at the beginning when they were deleted, or at the end when there are too many.
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

  /** All events from `after` to `head`; `undefined` when a snapshot is cheaper or some of the events are deleted. */
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

  /** Events are rows. Deltas of replies are in the journal, and in memory if this process wrote them. */
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

/**
 * Both lists in the order of the numbers, without repetition, up to `head`: newer events may not be visible to the
 * transaction of this reader.
 */
function merge(rows: readonly StreamEvent[], deltas: readonly StreamEvent[], head: number): StreamEvent[] {
  const bySeq = new Map([...rows, ...deltas].map((event) => [event.seq, event]));
  return [...bySeq.values()].filter(({ seq }) => seq <= head).sort((a, b) => a.seq - b.seq);
}

/** `seqs` has the number of the newest event by stream. */
export interface StreamHeads {
  readonly epoch: string;
  readonly seqs: ReadonlyMap<string, number>;
}

const notFound = (): ChatError => new ChatError('not_found', 'There is no such stream.');
