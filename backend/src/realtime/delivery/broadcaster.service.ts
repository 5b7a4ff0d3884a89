import { Injectable, Logger } from '@nestjs/common';
import type { Cursor } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';
import { ProcessBus } from '../../streams/bus/process-bus.js';
import type { CommittedBatch } from '../../streams/log/committed-batch.js';
import { EventLog } from '../../streams/log/event-log.js';
import { StreamReader } from '../../streams/log/stream-reader.js';
import type { ChatServer, ChatSocket } from '../sockets/chat-socket.js';
import { Connections } from './connections.js';
import { emitSpan } from './emit-span.js';
import { eventFrame, type Frame } from './frame.js';
import { HeldBatches } from './held-batches.js';
import { StreamOrder } from './stream-order.js';

/** A stream without an event for this time is left out of `stream:heads`. */
const RECENT_MS = 60_000;

/** A subscription that is in progress. */
export interface Joining {
  /**
   * Adds the socket to the room of the stream, and sends it the events that were committed since the subscription
   * started, except for those that the client already has.
   * @param seq the newest event that the client has
   */
  finish(socket: ChatSocket, epoch: string, seq: number): void;
  /** Drops the events that were held back; no effect after `finish`. */
  [Symbol.dispose](): void;
}

/**
 * Sends committed events, of this and of other processes, to the sockets of this process.
 *
 * One token costs 2 us of CPU here, whatever the number of tabs: the frame is created once.
 */
@Injectable()
export class BroadcasterService {
  private readonly logger = new Logger(BroadcasterService.name);
  /** The streams that sockets of this process follow. */
  private readonly order = new StreamOrder({
    pass: (batch) => this.pass(batch),
    fetch: (stream, seq) => this.fetch(stream, seq),
  });
  /** When followed streams had their last event, by `performance.now()`, the oldest first. */
  private readonly movedAt = new Map<string, number>();
  private readonly held = new HeldBatches();
  private server: ChatServer | undefined;
  /** The epoch of the numbers in `order`. */
  private epoch: string | undefined;
  /** Missing events are read from one stream after the other, since commits need database connections too. */
  private fetching: Promise<void> = Promise.resolve();
  private hasFailed = false;
  /** Whether a check of the log for the bus is running, and whether the bus has asked for another one. */
  private isLooking = false;
  private isMissed = false;
  /** The number of subscriptions so far, and that number at the last check of the log. */
  private joins = 0;
  private joinsLookedAt = 0;

  constructor(
    private readonly log: EventLog,
    private readonly reader: StreamReader,
    private readonly bus: ProcessBus,
    private readonly connections: Connections,
  ) {}

  /** Starts to send every commit to the rooms of `server`. */
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

  /**
   * Starts a subscription, before the head of the stream is read: later commits are held back for the socket (`L3`).
   */
  join(stream: string): Joining {
    const { batches, release } = this.held.hold(stream);
    this.bus.follow(stream);
    return {
      finish: (socket, epoch, head) => {
        release();
        // A socket that is in the room already has received these events.
        if (socket.rooms.has(stream)) return;
        // The local adapter joins synchronously.
        void socket.join(stream);
        this.handOver(socket, stream, batches, { epoch, seq: head });
      },
      [Symbol.dispose]: () => {
        release();
        this.unfollow(stream);
      },
    };
  }

  /** Sends the heads of streams with events in the last minute to the sockets that follow them. */
  emitHeads(now = performance.now()): void {
    for (const [stream, movedAt] of this.movedAt) {
      if (movedAt <= now - RECENT_MS) this.movedAt.delete(stream);
      else this.emitHead(stream);
    }
  }

  /** Whether a stream was followed after the last check of the log. */
  get hasJoined(): boolean {
    return this.joins !== this.joinsLookedAt;
  }

  /**
   * Checks the log for commits of other processes or the command line, so that events reach the rooms of this process
   * with some delay even when the bus fails.
   */
  async catchUp(): Promise<void> {
    const { joins } = this;
    const { epoch, seqs } = await this.reader.movedHeads(this.order.entries);
    this.epoch ??= epoch;
    if (epoch !== this.epoch) await this.startOver();
    else for (const [stream, seq] of seqs) this.order.expect(stream, seq);
    this.joinsLookedAt = joins;
  }

  /** Checks the log; requests that come during a check lead to only one more. */
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
    // A backup was restored a moment ago: clients that get this batch subscribe again because of its new epoch. Others
    // are reached by `startOver`.
    if (batch.epoch === this.epoch) this.order.add(batch, isRead);
    else this.send(batch.stream, () => frameOf(batch));
  }

  private pass(batch: CommittedBatch): void {
    if (this.order.publishedOf(batch.stream) !== undefined) this.moved(batch.stream);
    const span = emitSpan(batch);
    const sockets = this.send(batch.stream, () => frameOf(batch));
    span?.set({ 'lockstep.sockets': sockets });
    span?.end();
  }

  private fetch(stream: string, seq: number): Promise<void> {
    const fetched = this.fetching.then(async () => {
      const missed = await this.reader.eventsAfter(stream, seq);
      if (missed.lastSeq > 0) telemetry.caughtUp.publish({ stream });
      this.publish(missed, true);
      this.hasFailed = false;
    });
    this.fetching = fetched.catch((error: unknown) => {
      // Retried for each stream until it succeeds, so it is logged only once.
      if (!this.hasFailed) this.logger.error({ msg: 'Events could not be read', stream, err: error });
      this.hasFailed = true;
    });
    return fetched;
  }

  /** Sends the events that were held back to one socket, and follows the stream from there on. */
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

  /** Creates and sends a frame, if the room has sockets. @returns the number of these */
  private send(stream: string, frame: () => Frame): number {
    const room = this.server?.of('/').adapter.rooms.get(stream);
    if (room) this.connections.send(room, frame());
    return room?.size ?? 0;
  }

  /** A backup was restored: sends the new epoch to all followers, which then subscribe again. */
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
