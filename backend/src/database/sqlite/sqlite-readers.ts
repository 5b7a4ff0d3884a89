import { Logger } from '@nestjs/common';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { releasingDialect } from '../sql/releasing-driver.js';
import type { SqliteOptions } from './sqlite-driver.js';
import { SqliteReader } from './sqlite-reader.js';

/** A pool of readers, which are started when needed and replaced when one has died. */
export class SqliteReaders {
  private readonly logger = new Logger(SqliteReaders.name);
  private readonly idle: SqliteReader[] = [];

  constructor(private readonly options: SqliteOptions) {}

  /** Takes a reader, which the caller has to give back. */
  take(): SqliteReader {
    for (let reader = this.idle.pop(); reader; reader = this.idle.pop()) if (!reader.isGone) return reader;
    return new SqliteReader(this.options, (error) => {
      this.logger.error({ msg: 'A thread that reads the database has ended; another one takes its place', err: error });
    });
  }

  give(reader: SqliteReader): void {
    this.idle.push(reader);
  }

  /** Ends the threads; call it after all readers were given back. */
  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((reader) => reader.close()));
  }
}

/** A Kysely dialect whose connections are readers. */
export const readersDialect = (readers: SqliteReaders): Dialect =>
  releasingDialect({
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createDriver: () => new ReadersDriver(readers),
  });

class ReadersDriver implements Driver {
  constructor(private readonly readers: SqliteReaders) {}

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ReaderConnection> {
    return Promise.resolve(new ReaderConnection(this.readers.take()));
  }

  async releaseConnection(connection: ReaderConnection): Promise<void> {
    this.readers.give(connection.reader);
    return Promise.resolve();
  }

  async beginTransaction(connection: ReaderConnection): Promise<void> {
    connection.begin();
    return Promise.resolve();
  }

  async commitTransaction(connection: ReaderConnection): Promise<void> {
    connection.end();
    return Promise.resolve();
  }

  async rollbackTransaction(connection: ReaderConnection): Promise<void> {
    connection.end();
    return Promise.resolve();
  }

  async destroy(): Promise<void> {
    await this.readers.close();
  }
}

class ReaderConnection implements DatabaseConnection {
  private begins = false;

  constructor(readonly reader: SqliteReader) {}

  /** Makes the next query start a transaction. */
  begin(): void {
    this.begins = true;
  }

  end(): void {
    this.begins = false;
    this.reader.endTransaction();
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { begins } = this;
    this.begins = false;
    return { rows: (await this.reader.ask(sql, parameters, begins)) as R[] };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('A reader answers with all rows at once');
  }
}
