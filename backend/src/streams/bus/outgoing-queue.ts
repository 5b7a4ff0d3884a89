import { Buffer } from 'node:buffer';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommittedBatch } from '../log/committed-batch.js';
import { type BusItem, eventsItem, headItem, MANY } from './bus-message.js';

/** The largest size of waiting events; beyond it only the heads of their streams are sent. */
const MAX_BYTES = 1024 * 1024;
/** The highest number of heads; beyond it a single item says that there are many. */
const MAX_HEADS = 1_000;
/**
 * After each send comes a pause, this many times as long as recent sends took: a busy bus gets fewer, larger messages.
 */
const [REST_SHARE, MAX_REST_MS] = [2, 20];
/** The number of sends over which their duration is smoothed. */
const SMOOTHING = 8;

/**
 * The items that wait for the bus. Only one send runs at a time, and the next one takes everything that was added in
 * the meantime: the slower the bus, the larger the messages. Memory is bounded: too many events are replaced by the
 * heads of their streams, and too many heads by a single item.
 */
export class OutgoingQueue {
  private items: BusItem[] = [];
  private bytes = 0;
  /** The heads of the streams, once there are too many events. */
  private heads: Map<string, number> | undefined;
  private isMany = false;
  private isOpen = false;
  private isSending = false;
  /** How long a send takes, in milliseconds, smoothed. */
  private tookMs = 0;

  /**
   * @param send rejects when some of the items may not have been sent
   * @param rest waits for the given number of milliseconds
   */
  constructor(
    private readonly send: (items: readonly BusItem[]) => Promise<void>,
    private readonly rest: (ms: number) => Promise<unknown> = (ms) => delay(ms, undefined, { ref: false }),
  ) {}

  /** The size of the waiting events, in bytes. */
  get waitingBytes(): number {
    return this.bytes;
  }

  /** Starts sending: the bus is connected. If events were dropped before, the other processes are told to look. */
  open(): void {
    this.isOpen = true;
    this.sendSoon();
  }

  /** Stops sending: the bus is not connected. Events are dropped, since the others find them in the log sooner. */
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

  /** Sends in a microtask, because one commit may add the batches of several streams. */
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
      // The connection was lost, which it reports itself. What has arrived is not known.
      this.keepNothing();
    }
    this.isSending = false;
  }
}
