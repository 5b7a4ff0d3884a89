import { Injectable, Logger } from '@nestjs/common';
import type { Cursor } from '../../protocol/index.js';
import { ProcessBus } from '../../streams/bus/process-bus.js';
import type { CommittedBatch } from '../../streams/log/committed-batch.js';
import { EventLog } from '../../streams/log/event-log.js';
import { StreamReader } from '../../streams/log/stream-reader.js';
import type { ChatServer, ChatSocket } from '../sockets/chat-socket.js';
import { Connections } from './connections.js';
import { eventFrame, type Frame } from './frame.js';
import { HeldBatches } from './held-batches.js';
import { StreamOrder } from './stream-order.js';

/** A stream that has not moved for so long is not mentioned in `stream:heads`. */
const RECENT_MS = 60_000;

/** Ends when the socket sits in the room, or will not. */
export interface Joining {
  /**
   * Puts the socket into the room of the stream, and hands it what was committed since the subscription began, but for
   * what it has read.
   * @param seq the newest event that it knows
   */
  finish(socket: ChatSocket, epoch: string, seq: number): void;
  /** Forgets what was held back; nothing after `finish`. */
  [Symbol.dispose](): void;
}

/**
 * Tells the sockets of this process what was committed, here or by another process.
 *
 * One token costs 2 us of CPU here, whatever the number of tabs: the frame is made once.
 */
@Injectable()
export class BroadcasterService {
  private readonly logger = new Logger(BroadcasterService.name);
  /** The streams that sockets of this process listen to. */
  private readonly order = new StreamOrder({
    pass: (batch) => this.pass(batch),
    fetch: (stream, seq) => this.fetch(stream, seq),
  });
  /** When streams that are listened to moved last, the longest ago first. */
  private readonly movedAt = new Map<string, number>();
  private readonly held = new HeldBatches();
  private server: ChatServer | undefined;
  /** The life of the database that `order` speaks of. */
  private epoch: string | undefined;
  /** What did not arrive is read one stream after the other: commits need the connections as well. */
  private fetching: Promise<void> = Promise.resolve();
  private hasFailed = false;
  /** Whether a look into the log is under way that the bus has asked for, and whether it has asked again since. */
  private isLooking = false;
  private isMissed = false;
  /** How many subscriptions there were, and how many of them before the last look into the log. */
  private joins = 0;
  private joinsLookedAt = 0;

  constructor(
    private readonly log: EventLog,
    private readonly reader: StreamReader,
    private readonly bus: ProcessBus,
    private readonly connections: Connections,
  ) {}

  /** From now on every commit goes to the rooms of `server`. */
  start(server: ChatServer): void {
    this.server = server;
    server.of('/').adapter.on('delete-room', (room: string) => this.forget(room));
    this.log.onCommitted((batch) => this.publish(batch));
    this.bus.listen({
      listensTo: (stream) => this.listensTo(stream),
      moved: (stream, seq) => this.order.expect(stream, seq, 0),
      missed: () => this.missed(),
    });
  }

  /** A socket is about to read where the stream stands: what is committed from now on will not pass it by (`L3`). */
  join(stream: string): Joining {
    const { batches, release } = this.held.hold(stream);
    this.bus.follow(stream);
    return {
      finish: (socket, epoch, head) => {
        release();
        // It has been told all along what was held back.
        if (socket.rooms.has(stream)) return;
        // The local adapter joins at once.
        void socket.join(stream);
        this.handOver(socket, stream, batches, { epoch, seq: head });
      },
      [Symbol.dispose]: () => {
        release();
        this.unfollow(stream);
      },
    };
  }

  /** Names the heads of the streams that moved in the last minute to those who listen to them. */
  emitHeads(now = performance.now()): void {
    for (const [stream, movedAt] of this.movedAt) {
      if (movedAt <= now - RECENT_MS) this.movedAt.delete(stream);
      else this.emitHead(stream);
    }
  }

  /** Whether a stream is followed that the last look into the log did not know of. */
  get hasJoined(): boolean {
    return this.joins !== this.joinsLookedAt;
  }

  /**
   * Looks into the log for what other processes, or the command line, have committed. The rooms of this process hear
   * it with a delay, but they hear it, whatever became of faster ways.
   */
  async catchUp(): Promise<void> {
    const { joins } = this;
    const { epoch, seqs } = await this.reader.movedHeads(this.order.entries);
    this.epoch ??= epoch;
    if (epoch !== this.epoch) await this.startOver();
    else for (const [stream, seq] of seqs) this.order.expect(stream, seq);
    this.joinsLookedAt = joins;
  }

  /** Looks into the log: once for all that is said to be missed while another look is under way. */
  private missed(): void {
    this.isMissed = true;
    if (!this.isLooking) void this.look();
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.isMissed) {
      this.isMissed = false;
      await this.catchUp().catch((error: unknown) =>
        this.logger.error({ msg: 'The log could not be read', err: error }),
      );
    }
    this.isLooking = false;
  }

  private publish(batch: CommittedBatch, isRead = false): void {
    if (batch.lastSeq === 0) return;
    this.held.add(batch);
    this.epoch ??= batch.epoch;
    // A backup was restored a moment ago. Whoever hears of the new epoch subscribes again; the others learn of it soon.
    if (batch.epoch === this.epoch) this.order.add(batch, isRead);
    else this.send(batch.stream, () => frameOf(batch));
  }

  private pass(batch: CommittedBatch): void {
    if (this.order.publishedOf(batch.stream) !== undefined) this.moved(batch.stream);
    this.send(batch.stream, () => frameOf(batch));
  }

  private fetch(stream: string, seq: number): Promise<void> {
    const fetched = this.fetching.then(async () => {
      this.publish(await this.reader.eventsAfter(stream, seq), true);
      this.hasFailed = false;
    });
    this.fetching = fetched.catch((error: unknown) => {
      // It is tried again, for each stream and until it works.
      if (!this.hasFailed) this.logger.error({ msg: 'Events could not be read', stream, err: error });
      this.hasFailed = true;
    });
    return fetched;
  }

  /** Sends what was held back to one socket, and follows the stream from there on. */
  private handOver(
    socket: ChatSocket,
    stream: string,
    batches: readonly CommittedBatch[],
    { epoch, seq }: Cursor,
  ): void {
    let known = seq;
    const early: CommittedBatch[] = [];
    for (const batch of [...batches].sort((a, b) => a.firstSeq - b.firstSeq)) {
      if (batch.epoch !== epoch) this.connections.send([socket.id], frameOf(batch));
      else if (batch.firstSeq > known + 1) early.push(batch);
      else if (batch.lastSeq > known) {
        known = batch.lastSeq;
        this.connections.send([socket.id], frameOf(batch));
      }
    }
    this.epoch ??= epoch;
    this.joins += 1;
    this.order.follow(stream, known);
    for (const batch of early) this.order.add(batch);
  }

  private moved(stream: string, now = performance.now()): void {
    this.movedAt.delete(stream);
    this.movedAt.set(stream, now);
  }

  private forget(stream: string): void {
    this.order.forget(stream);
    this.movedAt.delete(stream);
    this.unfollow(stream);
  }

  private listensTo(stream: string): boolean {
    return this.order.publishedOf(stream) !== undefined || this.held.holds(stream);
  }

  private unfollow(stream: string): void {
    if (!this.listensTo(stream)) this.bus.unfollow(stream);
  }

  private emitHead(stream: string): void {
    const heads = { epoch: this.epoch, heads: [{ stream, seq: this.order.publishedOf(stream) ?? 0 }] };
    this.send(stream, () => eventFrame('stream:heads', JSON.stringify(heads)));
  }

  /** The frame is made only for a room that has sockets. */
  private send(stream: string, frame: () => Frame): void {
    const room = this.server?.of('/').adapter.rooms.get(stream);
    if (room) this.connections.send(room, frame());
  }

  /** What was told belongs to a database that is gone: every tab has to fetch a snapshot of the one that is there. */
  private async startOver(): Promise<void> {
    const streams = this.order.entries.map(([stream]) => stream);
    const { epoch, seqs } = await this.reader.heads(streams);
    this.epoch = epoch;
    for (const stream of streams) {
      if (this.order.publishedOf(stream) === undefined) continue;
      this.order.startAt(stream, seqs.get(stream) ?? 0);
      this.moved(stream);
      this.emitHead(stream);
    }
  }
}

const frameOf = ({ json }: CommittedBatch): Frame => eventFrame('stream:events', json);
