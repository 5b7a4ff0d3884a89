import { Injectable } from '@nestjs/common';
import type { ServerToClient, StreamEvents } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import { StreamReader } from '../streams/stream-reader.js';
import type { ChatServer } from './chat-socket.js';

/** A stream that has not moved for so long is not mentioned in `stream:heads`. */
const RECENT_MS = 60_000;

interface Told {
  /** The newest event that listeners on this process were told. */
  seq: number;
  movedAt: number;
}

type Heads = Parameters<ServerToClient['stream:heads']>[0];

/** Tells the sockets of this process what was committed, here or by another process. */
@Injectable()
export class BroadcasterService {
  private readonly told = new Map<string, Told>();
  private server: ChatServer | undefined;
  /** The life of the database that `told` speaks of. */
  private epoch: string | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly reader: StreamReader,
  ) {}

  /** From now on every commit goes to the rooms of `server`. */
  start(server: ChatServer): void {
    this.server = server;
    this.log.onCommitted((batch) => this.tell(batch));
  }

  /** A socket has joined and knows everything up to `seq`. */
  joined(stream: string, epoch: string, seq: number): void {
    this.epoch ??= epoch;
    if (!this.told.has(stream)) this.told.set(stream, { seq, movedAt: Date.now() });
  }

  /** The heads of those of the streams that have moved in the last minute. */
  recentHeads(streams: readonly string[], now = Date.now()): Heads | undefined {
    const heads = streams.flatMap((stream) => {
      const told = this.told.get(stream);
      return told && told.movedAt > now - RECENT_MS ? [{ stream, seq: told.seq }] : [];
    });
    return heads.length > 0 && this.epoch !== undefined ? { epoch: this.epoch, heads } : undefined;
  }

  /**
   * Looks into the log for what other processes, or the command line, have committed. The rooms of this process hear
   * it with a delay, but they hear it, whatever became of faster ways.
   */
  async catchUp(): Promise<void> {
    this.forgetEmptyRooms();
    const { epoch, seqs } = await this.reader.heads([...this.told.keys()]);
    this.epoch ??= epoch;
    if (epoch !== this.epoch) return this.startOver(epoch, seqs);
    for (const [stream, head] of seqs) {
      const known = this.told.get(stream)?.seq ?? head;
      if (head > known) this.tell(await this.reader.eventsAfter(stream, known));
    }
  }

  private tell(batch: StreamEvents): void {
    const last = batch.events.at(-1);
    if (!last) return;
    this.epoch ??= batch.epoch;
    // A backup was restored a moment ago. Whoever hears of the new epoch subscribes again; the others learn of it soon.
    if (batch.epoch !== this.epoch) return this.emit(batch);
    const told = this.told.get(batch.stream);
    // Committed here and found in the log as well: whoever listens drops what it has, but need not be sent it.
    if (told && last.seq <= told.seq) return;
    if (told) Object.assign(told, { seq: last.seq, movedAt: Date.now() });
    this.emit(batch);
  }

  private emit({ stream, epoch, events }: StreamEvents): void {
    this.server?.local.to(stream).emit('stream:events', { stream, epoch, events });
  }

  /** What was told belongs to a database that is gone: every tab has to fetch a snapshot of the one that is there. */
  private startOver(epoch: string, seqs: ReadonlyMap<string, number>): void {
    this.epoch = epoch;
    for (const stream of this.told.keys()) {
      const seq = seqs.get(stream) ?? 0;
      this.told.set(stream, { seq, movedAt: Date.now() });
      this.server?.local.to(stream).emit('stream:heads', { epoch, heads: [{ stream, seq }] });
    }
  }

  private forgetEmptyRooms(): void {
    const rooms = this.server?.of('/').adapter.rooms;
    for (const stream of this.told.keys()) if (!rooms?.has(stream)) this.told.delete(stream);
  }
}
