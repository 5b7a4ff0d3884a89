import type { ClientConfig } from 'pg';
import { LimitedClient } from './limited-client.js';
import { SERVING } from './postgres-limits.js';

/** What is listened to. */
export interface Listening {
  /** A plain identifier. */
  readonly channel: string;
  /** Called with each notification, in the order of the commits. */
  notified(payload: string): void;
  /** Listens now. Notifications may have been lost before, also at the first time. */
  connected(): void;
  /** The connection broke, or could not be made; it is tried again. Called once until it is there again. */
  failed(error: unknown): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A connection whose other end has vanished without a word is found out this often. */
const PROBE_EVERY_MS = 10_000;

/** One connection that listens to a channel of PostgreSQL, and is made again when it breaks. */
export class PostgresListener implements AsyncDisposable {
  private client: LimitedClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private hasFailed = false;
  private isClosed = false;

  constructor(
    private readonly options: ClientConfig,
    private readonly listening: Listening,
  ) {
    void this.connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new LimitedClient({ ...this.options, application_name: 'lockstep listener' }, SERVING);
    this.client = client;
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client, new Error('PostgreSQL closed the connection')));
    client.on('notification', ({ payload = '' }) => {
      if (this.client === client) this.listening.notified(payload);
    });
    try {
      await client.connect();
      await client.setUp();
      await client.query(`listen ${this.listening.channel}`);
    } catch (error) {
      this.lost(client, error);
      return;
    }
    if (this.client !== client) return;
    this.pauseMs = FIRST_PAUSE_MS;
    this.hasFailed = false;
    this.listening.connected();
    this.probeLater(client);
  }

  private probeLater(client: LimitedClient): void {
    this.timer = setTimeout(() => {
      client.query('select 1').then(
        () => {
          if (this.client === client) this.probeLater(client);
        },
        (error: unknown) => this.lost(client, error),
      );
    }, PROBE_EVERY_MS);
  }

  /** Called more than once for a connection, as errors and ends come in any order. */
  private lost(client: LimitedClient, error: unknown): void {
    if (this.client !== client || this.isClosed) return;
    this.client = undefined;
    clearTimeout(this.timer);
    // Its end is not waited for: the other side may never answer.
    client.end().catch(() => undefined);
    if (!this.hasFailed) this.listening.failed(error);
    this.hasFailed = true;
    this.timer = setTimeout(() => void this.connect(), this.pauseMs * (0.5 + Math.random()));
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
