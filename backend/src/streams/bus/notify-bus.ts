import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { CannotStart } from '../../config/checks/cannot-start.js';
import type { Database } from '../../database/database.js';
import type { PostgresChannel } from '../../database/postgres/postgres-channel.js';
import type { CommittedBatch } from '../log/committed-batch.js';
import type { Bus, BusEnds } from './bus.js';
import { CHANNEL, NOTIFY } from './bus.statements.js';
import { type BusItem, headItem, headerOf } from './bus-message.js';
import { LastingConnection, within } from './lasting-connection.js';
import { OutgoingQueue } from './outgoing-queue.js';

/** A notification of PostgreSQL must be shorter than 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_900;
const PROBE_WITHIN_MS = 5_000;

/**
 * The bus over PostgreSQL's LISTEN and NOTIFY: one channel for all processes. A transaction with NOTIFY holds a lock of
 * the whole database cluster while it commits. So the transactions of the log do not notify: a separate transaction
 * does so afterwards, for everything that was committed while the previous one was running.
 */
export class NotifyBus implements Bus {
  private readonly queue = new OutgoingQueue((items) => this.send(items));
  private connection: LastingConnection<PostgresChannel> | undefined;

  constructor(
    private readonly database: Database,
    /** The address to listen at; that of the pool when it is missing. */
    private readonly url: string | undefined,
    private readonly process: number,
  ) {}

  async start({ received, connected, failed }: BusEnds): Promise<void> {
    const probe = `probe ${randomUUID()}`;
    const { promise: probeReceived, resolve } = Promise.withResolvers<void>();
    const notified = (payload: string): void => (payload === probe ? resolve() : received(payload));
    const connection = new LastingConnection<PostgresChannel>({
      make: (lost) => this.database.channel({ name: CHANNEL, url: this.url, notified, lost }),
      connected: () => {
        this.queue.open();
        connected();
      },
      failed: (error) => {
        this.queue.close();
        failed(error);
      },
    });
    this.connection = connection;
    await connection.tried;
    const listening = connection.current;
    if (!listening) return;
    // Sent over another connection, because some poolers return a client's own notifications to it.
    await this.database.once(NOTIFY, [JSON.stringify([probe])]);
    await within(PROBE_WITHIN_MS, probeReceived).catch(() => {
      // If the connection broke in the meantime, the missing probe proves nothing.
      if (connection.current !== listening) return;
      this[Symbol.dispose]();
      throw new CannotStart(notificationsMissing(this.url));
    });
  }

  publish(batch: CommittedBatch): void {
    this.queue.add(batch);
  }

  /** Does nothing: every process receives everything. */
  follow(): void {}

  unfollow(): void {}

  [Symbol.dispose](): void {
    this.queue.close();
    this.connection?.[Symbol.dispose]();
  }

  private async send(items: readonly BusItem[]): Promise<void> {
    const channel = this.connection?.current;
    if (!channel) throw new Error('PostgreSQL is not listened to');
    try {
      await channel.run(NOTIFY, [JSON.stringify(payloadsOf(this.process, items))]);
    } catch (error) {
      this.connection?.lose(channel, error);
      throw error;
    }
  }
}

/** Packs the lines into as few notifications as possible; a line that is too long is replaced by the stream's head. */
export function payloadsOf(process: number, items: readonly BusItem[]): readonly string[] {
  const header = headerOf(process);
  const most = MAX_PAYLOAD_BYTES - header.length;
  const payloads: string[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = Buffer.byteLength(item.line);
    const isLong = bytes > most && item.kind === 'events';
    const line = isLong ? headItem(item.stream, item.lastSeq).line : item.line;
    const needs = (isLong ? line.length : bytes) + 1;
    if (needs > room) {
      payloads.push([]);
      room = most;
    }
    payloads.at(-1)?.push(line);
    room -= needs;
  }
  return payloads.map((lines) => header + lines.join('\n'));
}

const notificationsMissing = (url: string | undefined): string =>
  url === undefined
    ? 'DATABASE_URL: notifications of PostgreSQL do not arrive. A pooler that shares connections between transactions, ' +
      'such as PgBouncer with pool_mode = transaction, delivers none. Name PostgreSQL itself in LISTEN_DATABASE_URL, ' +
      'use Redis (REDIS_URL), or set LISTEN_NOTIFY=off.'
    : 'LISTEN_DATABASE_URL: notifications of PostgreSQL do not arrive. It takes the database of DATABASE_URL, and an ' +
      'address that does not lead through a pooler which shares connections between transactions.';
