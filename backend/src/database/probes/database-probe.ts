import type { MikroORM } from '@mikro-orm/core';
import type { Database, EntityManager } from '../database.js';
import type { WriteRefusal } from '../../protocol/index.js';
import { connectionOf } from '../sql/connection.js';
import { PostgresProbe } from './postgres-probe.js';
import { WriteProbe } from './write-probe.js';
import { WRITE_PROBE } from './write-probe.statements.js';

/** Whether the database does what people ask of it, found out by asking for it. */
export class DatabaseProbe {
  private readonly postgres: PostgresProbe | undefined;
  private readonly sqlite: WriteProbe | undefined;

  constructor(
    private readonly orm: MikroORM,
    database: Pick<Database, 'clock' | 'once' | 'transaction'>,
  ) {
    const connection = connectionOf(orm.em as EntityManager);
    if (connection.kind === 'sqlite') {
      const write = () => database.once(WRITE_PROBE, [String(performance.now())]);
      this.sqlite = new WriteProbe(connection.file.path, write);
    } else {
      const commit = () => database.transaction(({ all }) => all(WRITE_PROBE, [String(database.clock.now())]));
      this.postgres = new PostgresProbe(commit, () => connection.silentForMs);
    }
  }

  /** Whether the database answers; PostgreSQL has to commit something within three seconds. */
  async isReachable(): Promise<boolean> {
    return this.postgres ? this.postgres.works() : this.orm.isConnected();
  }

  /** Whether the database takes writes. */
  async isWritable(): Promise<boolean> {
    return (await this.isReachable()) && (await this.writeRefusal()) === undefined;
  }

  /** Why a SQLite file takes no writes at the moment, found out by writing; `undefined` when it does. */
  async writeRefusal(): Promise<WriteRefusal | undefined> {
    return this.sqlite?.refusal();
  }
}
