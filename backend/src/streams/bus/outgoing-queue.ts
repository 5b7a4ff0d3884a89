import { Buffer } from 'node:buffer';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommittedBatch } from '../log/committed-batch.js';
import { type BusItem, eventsItem, headItem, MANY } from './bus-message.js';

/** What waits may be so large, in bytes; past that the streams are named alone. */
const MAX_BYTES = 1024 * 1024;
/** So many streams are named; past that the others are told that there are many. */
const MAX_HEADS = 1_000;
/**
 * After each sending comes a rest, so many times as long as sendings took of late: a bus with many listeners is told less
 * often, and of more at once.
 */
const [REST_SHARE, MAX_REST_MS] = [2, 20];
/** Over how many sendings that is smoothed. */
const SMOOTHING = 8;

/**
 * What is to be told to other processes and waits for the bus. One sending is under way at a time, and takes all that
 * has come meanwhile: the slower the bus, the more goes together. Its memory is bounded: events give way to the heads of
 * their streams, those to one word, and after that nothing more is kept.
 */
export class OutgoingQueue {
  private items: BusItem[] = [];
  private bytes = 0;
  /** Where the streams stand, once there are too many events. */
  private heads: Map<string, number> | undefined;
  private isMany = false;
  private isOpen = false;
  private isSending = false;
  /** How long a sending takes, smoothed. */
  private tookMs = 0;

  /**
   * @param send rejects when it is not known that all was sent
   * @param rest waits for so many milliseconds
   */
  constructor(
    private readonly send: (items: readonly BusItem[]) => Promise<void>,
    private readonly rest: (ms: number) => Promise<unknown> = (ms) => delay(ms, undefined, { ref: false }),
  ) {}

  /** How much waits, in bytes. */
  get waitingBytes(): number {
    return this.bytes;
  }

  /** There is a connection. The others are told if anything was let go meanwhile. */
  open(): void {
    this.isOpen = true;
    this.sendSoon();
  }

  /** There is none. Nothing is kept for it: what comes late was found in the log before. */
  close(): void {
    this.isOpen = false;
    if (!this.isEmpty) this.keepNothing();
  }

  add(batch: CommittedBatch): void {
    if (this.isMany) return;
    if (!this.isOpen) return this.keepNothing();
    if (this.heads) this.addHead(this.heads, batch);
    else this.addEvents(batch);
    this.sendSoon();
  }

  private get isEmpty(): boolean {
    return !this.isMany && this.items.length === 0 && !this.heads;
  }

  private addEvents(batch: CommittedBatch): void {
    const item = eventsItem(batch);
    this.items.push(item);
    this.bytes += Buffer.byteLength(item.line);
    if (this.bytes <= MAX_BYTES) return;
    const heads = new Map<string, number>();
    for (const waiting of this.items) if (waiting.kind === 'events') heads.set(waiting.stream, waiting.lastSeq);
    this.take();
    this.heads = heads;
  }

  private addHead(heads: Map<string, number>, { stream, lastSeq }: CommittedBatch): void {
    heads.set(stream, lastSeq);
    if (heads.size > MAX_HEADS) this.keepNothing();
  }

  private keepNothing(): void {
    this.take();
    this.isMany = true;
  }

  private take(): readonly BusItem[] {
    const { items, heads, isMany } = this;
    this.items = [];
    this.bytes = 0;
    this.heads = undefined;
    this.isMany = false;
    if (isMany) return [MANY];
    return heads ? [...heads].map(([stream, seq]) => headItem(stream, seq)) : items;
  }

  /** At the end of this turn: a commit tells of many streams, one after the other. */
  private sendSoon(): void {
    if (this.isSending || !this.isOpen || this.isEmpty) return;
    this.isSending = true;
    queueMicrotask(() => void this.sendAll());
  }

  private async sendAll(): Promise<void> {
    try {
      while (this.isOpen && !this.isEmpty) {
        const began = performance.now();
        await this.send(this.take());
        this.tookMs += (performance.now() - began - this.tookMs) / SMOOTHING;
        await this.rest(Math.min(REST_SHARE * this.tookMs, MAX_REST_MS));
      }
    } catch {
      // The connection is lost, and says so itself: nobody knows what of it has arrived.
      this.keepNothing();
    }
    this.isSending = false;
  }
}
