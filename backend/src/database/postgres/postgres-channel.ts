import type { ClientConfig } from 'pg';
import { LimitedClient } from './limited-client.js';
import { SERVING } from './postgres-limits.js';
import type { SqlValue, Statement } from '../sql/statement.js';

export interface ChannelOptions {
  /** A plain identifier. */
  readonly name: string;
  /** Where the database is, if it is not to be reached as by the pool. */
  readonly url?: string | undefined;
  /** Called with each notification, in the order of the transactions that sent them; also with own ones. */
  readonly notified: (payload: string) => void;
  /** The connection broke; may be called more than once. */
  readonly lost: (error: unknown) => void;
}

/**
 * One connection to PostgreSQL that listens to a channel, and may notify it. It takes no place in the pool, and is not
 * made again when it breaks.
 */
export class PostgresChannel {
  private readonly client: LimitedClient;
  private readonly name: string;

  constructor(config: ClientConfig, { name, notified, lost }: ChannelOptions) {
    this.name = name;
    this.client = new LimitedClient({ ...config, application_name: 'lockstep listener' }, SERVING);
    this.client.on('error', (error) => lost(error));
    this.client.on('end', () => lost(new Error('PostgreSQL closed the connection')));
    this.client.on('notification', ({ payload = '' }) => notified(payload));
  }

  /** Connects and listens. @throws what the driver throws */
  async connect(): Promise<void> {
    await this.client.connect();
    await this.client.setUp();
    // A transaction that only notifies takes a number, and would wait for the disk before it lets the next one notify.
    await this.client.query(`set synchronous_commit = off; listen ${this.name}`);
  }

  /** Runs a prepared statement that is a transaction by itself. @throws what the driver throws */
  async run({ postgresql }: Statement, values: readonly SqlValue[]): Promise<void> {
    await this.client.query({ name: postgresql.slice(0, 60), text: postgresql, values: [...values] });
  }

  /** Resolves when the other end answers. */
  async probe(): Promise<void> {
    await this.client.query('select 1');
  }

  /** Ends the connection without waiting for the other end, which may never answer. */
  close(): void {
    this.client.end().catch(() => undefined);
  }
}
