import type { ClientConfig } from 'pg';
import { LimitedClient } from './limited-client.js';
import { SERVING } from './postgres-limits.js';
import type { SqlValue, Statement } from '../sql/statement.js';

export interface ChannelOptions {
  /** A plain identifier. */
  readonly name: string;
  /** The address of the database, if it is not that of the pool. */
  readonly url?: string | undefined;
  /** Called with each notification, in the order of their transactions, including those sent by this process. */
  readonly notified: (payload: string) => void;
  /** Called when the connection breaks, possibly more than once. */
  readonly lost: (error: unknown) => void;
}

/**
 * One connection to PostgreSQL that listens to a channel and can notify it. It is not part of the pool, and does not
 * reconnect.
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
    // A notifying transaction gets a transaction id, and would wait for the disk before the next one can notify.
    await this.client.query(`set synchronous_commit = off; listen ${this.name}`);
  }

  /** Runs a prepared statement as a transaction of its own. @throws what the driver throws */
  async run({ postgresql }: Statement, values: readonly SqlValue[]): Promise<void> {
    await this.client.query({ name: postgresql.slice(0, 60), text: postgresql, values: [...values] });
  }

  /** Resolves when PostgreSQL answers. */
  async probe(): Promise<void> {
    await this.client.query('select 1');
  }

  /** Closes the connection without waiting for PostgreSQL, which may never answer. */
  close(): void {
    this.client.end().catch(() => undefined);
  }
}
