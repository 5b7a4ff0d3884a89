import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { ChatError, type Cursor, parseStreamName, type StreamEvents, type SubscribeResult } from '../protocol/index.js';
import { type Reader, StreamSources } from './stream-sources.js';
import { readEpoch, readEvents, readHead, readHeads } from './stream-tables.js';

/** Further back than this, a snapshot is cheaper than the events. */
const MAX_REPLAY_EVENTS = 500;
const MAX_REPLAY_BYTES = 256 * 1024;

/** Gives readers what they missed, as events or as a snapshot. */
@Injectable()
export class StreamReader {
  constructor(
    private readonly database: Database,
    private readonly sources: StreamSources,
  ) {}

  /**
   * What a reader needs to stand at the head. The caller joins the room first, so that nothing falls between (`L3`).
   * @throws ChatError `not_found` for a stream that does not exist or belongs to somebody else
   */
  async subscribe(reader: Reader, stream: string, after: Cursor | undefined): Promise<SubscribeResult> {
    const name = parseStreamName(stream);
    if (!name) throw notFound();
    const source = this.sources.get(name);
    return this.database.read(async (em) => {
      if (!(await source.mayRead(em, reader, name))) throw notFound();
      // In the same transaction: a restore may replace everything at any moment.
      const epoch = await readEpoch(em);
      const head = await readHead(em, stream);
      if (after && after.epoch === epoch && after.seq >= head.keptAfter && after.seq <= head.seq) {
        const events = await readEvents(em, stream, after.seq, MAX_REPLAY_EVENTS + 1);
        const isNear = events.length <= MAX_REPLAY_EVENTS && JSON.stringify(events).length <= MAX_REPLAY_BYTES;
        if (isNear) return { mode: 'events', epoch, events, head: head.seq };
      }
      const state = await source.snapshot(em, name);
      if (state === undefined) throw notFound();
      return { mode: 'snapshot', epoch, seq: head.seq, state };
    });
  }

  /** Whether the reader may still have the stream. */
  async mayRead(reader: Reader, stream: string): Promise<boolean> {
    const name = parseStreamName(stream);
    if (!name) return false;
    return this.database.read((em) => this.sources.get(name).mayRead(em, reader, name));
  }

  /** Where the streams stand, those that hold anything, and in which epoch. */
  async heads(streams: readonly string[]): Promise<StreamHeads> {
    return this.database.read(async (em) => {
      const epoch = await readEpoch(em);
      const heads = await readHeads(em, streams);
      return { epoch, seqs: new Map([...heads].map(([stream, { seq }]) => [stream, seq])) };
    });
  }

  /** Events after `seq`, without asking who reads: for telling those who already listen. */
  async eventsAfter(stream: string, seq: number): Promise<StreamEvents> {
    return this.database.read(async (em) => ({
      stream,
      epoch: await readEpoch(em),
      events: await readEvents(em, stream, seq, MAX_REPLAY_EVENTS),
    }));
  }
}

/** `seqs` holds the newest event's number by stream. */
export interface StreamHeads {
  readonly epoch: string;
  readonly seqs: ReadonlyMap<string, number>;
}

const notFound = (): ChatError => new ChatError('not_found', 'There is no such stream.');
