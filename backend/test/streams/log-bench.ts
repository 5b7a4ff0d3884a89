import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/core';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { Database } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { conversationStream, type StreamEvent, type StreamEvents } from '../../src/protocol/index.js';
import { ENTITIES } from '../../src/schema.js';
import { CompactorService } from '../../src/streams/compaction/compactor.service.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import type { LogTransaction } from '../../src/streams/log/log-transaction.js';
import { StreamReader } from '../../src/streams/log/stream-reader.js';
import { StreamSources } from '../../src/streams/log/stream-sources.js';
import { readEvents } from '../../src/streams/log/stream-tables.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** The log in one process: a connection, a log, a reader, a compactor. */
export class LogProcess implements AsyncDisposable {
  readonly log: EventLog;
  readonly reader: StreamReader;
  readonly compactor: CompactorService;
  /** What its listener got, in order. */
  readonly received: StreamEvents[] = [];

  private constructor(
    private readonly orm: MikroORM,
    readonly database: Database,
  ) {
    this.log = new EventLog(database);
    const sources = new StreamSources();
    // The state of these streams is the concatenated text of their events: a snapshot can be compared with a replay.
    sources.register('conversation', {
      mayRead: () => Promise.resolve(true),
      snapshot: async (transaction, name) =>
        textOf(await readEvents(transaction, conversationStream(name.id), 0, 10_000)),
    });
    this.reader = new StreamReader(database, sources);
    this.compactor = new CompactorService(database);
    this.log.onCommitted((batch) => this.received.push(batch));
  }

  static async open(test: TestDatabase): Promise<LogProcess> {
    const config = readConfig({ DATABASE_URL: test.url, DATA_DIR: test.dataDir });
    const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    await migrate(orm, config);
    // Both run in one thread here: on SQLite they cannot take turns as quickly as processes can.
    return new LogProcess(orm, new Database(orm, 60_000));
  }

  /** Appends a piece of text in its own transaction. */
  write(stream: string, text: string): Promise<number> {
    return this.log
      .write((transaction) => Promise.resolve(append(transaction, stream, text)))
      .then((position) => position.seq);
  }

  /** All events of a stream in the database. */
  committed(stream: string): Promise<StreamEvent[]> {
    return this.database.reading((transaction) => readEvents(transaction, stream, 0, 100_000));
  }

  subscribe(stream: string, after?: { readonly epoch: string; readonly seq: number }) {
    return this.reader.subscribe({ userId: randomUUID(), role: 'user' }, stream, after);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.orm.close();
  }
}

/** Two processes on one temporary database. */
export class LogBench implements AsyncDisposable {
  private constructor(
    private readonly test: TestDatabase,
    readonly one: LogProcess,
    readonly other: LogProcess,
  ) {}

  static async open(): Promise<LogBench> {
    const test = await createTestDatabase();
    return new LogBench(test, await LogProcess.open(test), await LogProcess.open(test));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.one[Symbol.asyncDispose]();
    await this.other[Symbol.asyncDispose]();
    await this.test[Symbol.asyncDispose]();
  }
}

const RUN = randomUUID();

/** Appends a delta; only its text matters here. */
export const append = (transaction: LogTransaction, stream: string, text: string) =>
  transaction.append(stream, { type: 'run.delta', data: { runId: RUN, messageId: RUN, offset: 0, text } });

export const newStream = (): string => conversationStream(randomUUID());

/** The pieces of text, in order. */
export const textsOf = (events: readonly StreamEvent[]): string[] =>
  events.map(({ data }) => ('text' in data && typeof data.text === 'string' ? data.text : ''));

export const textOf = (events: readonly StreamEvent[]): string => textsOf(events).join('');

export const seqsOf = (events: readonly StreamEvent[]): number[] => events.map(({ seq }) => seq);

/** 1, 2, 3 ... */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
