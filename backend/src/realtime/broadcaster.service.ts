import { Injectable } from '@nestjs/common';
import type { CommittedBatch } from '../streams/committed-batch.js';
import { EventLog } from '../streams/event-log.js';
import { StreamReader } from '../streams/stream-reader.js';
import type { ChatServer, ChatSocket } from './chat-socket.js';
import { Connections } from './connections.js';
import { eventFrame, type Frame } from './frame.js';
import { HeldBatches } from './held-batches.js';

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

/** Tells the sockets of this process what was committed, here or by another process. */
@Injectable()
export class BroadcasterService {
  /** By stream that a socket listens to: the newest event that listeners on this process were told. */
  private readonly told = new Map<string, number>();
  /** When streams that are listened to moved last, the longest ago first. */
  private readonly movedAt = new Map<string, number>();
  private readonly held = new HeldBatches();
  private server: ChatServer | undefined;
  /** The life of the database that `told` speaks of. */
  private epoch: string | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly reader: StreamReader,
    private readonly connections: Connections,
  ) {}

  /** From now on every commit goes to the rooms of `server`. */
  start(server: ChatServer): void {
    this.server = server;
    server.of('/').adapter.on('delete-room', (room: string) => this.forget(room));
    this.log.onCommitted((batch) => this.tell(batch));
  }

  /** A socket is about to read where the stream stands: what is committed from now on will not pass it by (`L3`). */
  join(stream: string): Joining {
    const { batches, release } = this.held.hold(stream);
    return {
      finish: (socket, epoch, head) => {
        release();
        // The local adapter joins at once.
        void socket.join(stream);
        let known = head;
        for (const batch of batches) {
          const isSameLife = batch.epoch === epoch;
          if (isSameLife && batch.lastSeq <= head) continue;
          if (isSameLife) known = batch.lastSeq;
          this.connections.send([socket.id], frameOf(batch));
        }
        this.joined(stream, epoch, known);
      },
      [Symbol.dispose]: release,
    };
  }

  /** Names the heads of the streams that moved in the last minute to those who listen to them. */
  tellHeads(now = Date.now()): void {
    for (const [stream, movedAt] of this.movedAt) {
      if (movedAt <= now - RECENT_MS) this.movedAt.delete(stream);
      else this.tellHead(stream);
    }
  }

  /**
   * Looks into the log for what other processes, or the command line, have committed. The rooms of this process hear
   * it with a delay, but they hear it, whatever became of faster ways.
   */
  async catchUp(): Promise<void> {
    const { epoch, seqs } = await this.reader.heads([...this.told.keys()]);
    this.epoch ??= epoch;
    if (epoch !== this.epoch) return this.startOver(epoch, seqs);
    for (const [stream, head] of seqs) {
      const known = this.told.get(stream) ?? head;
      if (head > known) this.tell(await this.reader.eventsAfter(stream, known));
    }
  }

  private tell(batch: CommittedBatch): void {
    const { lastSeq: seq } = batch;
    if (seq === 0) return;
    this.held.add(batch);
    this.epoch ??= batch.epoch;
    // A backup was restored a moment ago. Whoever hears of the new epoch subscribes again; the others learn of it soon.
    if (batch.epoch !== this.epoch) return this.send(batch.stream, () => frameOf(batch));
    const told = this.told.get(batch.stream);
    // Committed here and found in the log as well: whoever listens drops what it has, but need not be sent it.
    if (told !== undefined && seq <= told) return;
    if (told !== undefined) this.moved(batch.stream, seq);
    this.send(batch.stream, () => frameOf(batch));
  }

  private joined(stream: string, epoch: string, seq: number): void {
    this.epoch ??= epoch;
    // Of two that join at once the later one may have read less: it has to be told the rest.
    this.told.set(stream, Math.min(this.told.get(stream) ?? seq, seq));
  }

  private moved(stream: string, seq: number, now = Date.now()): void {
    this.told.set(stream, seq);
    this.movedAt.delete(stream);
    this.movedAt.set(stream, now);
  }

  private forget(stream: string): void {
    this.told.delete(stream);
    this.movedAt.delete(stream);
  }

  private tellHead(stream: string): void {
    const heads = { epoch: this.epoch, heads: [{ stream, seq: this.told.get(stream) ?? 0 }] };
    this.send(stream, () => eventFrame('stream:heads', JSON.stringify(heads)));
  }

  /** The frame is made only for a room that somebody sits in. */
  private send(stream: string, frame: () => Frame): void {
    const room = this.server?.of('/').adapter.rooms.get(stream);
    if (room) this.connections.send(room, frame());
  }

  /** What was told belongs to a database that is gone: every tab has to fetch a snapshot of the one that is there. */
  private startOver(epoch: string, seqs: ReadonlyMap<string, number>): void {
    this.epoch = epoch;
    for (const stream of this.told.keys()) {
      this.moved(stream, seqs.get(stream) ?? 0);
      this.tellHead(stream);
    }
  }
}

const frameOf = ({ json }: CommittedBatch): Frame => eventFrame('stream:events', json);
