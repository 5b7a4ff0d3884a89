import { setTimeout as delay } from 'node:timers/promises';
import { EvidenceDatabase } from '../../backend/test/faults/stage/evidence-database.ts';
import type { TestDatabase } from '../../backend/test/support/test-database.ts';
import { quantile } from './report/figures.ts';
import { type Backlog, fillLog, rowsOf } from './log-backlog.ts';
import { loadServerModules } from './systems/server-modules.ts';

/** The log of an hour: 10,000 turns with 200 deltas each, of ten seconds. */
const HOUR: Backlog = { streams: 10_000, eventsEach: 9, deltasEach: 200, atOnce: 25 };
const WRITE_EVERY_MS = 20;
const ALONE_MS = 4_000;

interface Orm {
  close(): Promise<void>;
}
type Work = (transaction: unknown) => Promise<unknown>;
interface Database {
  readonly kind: 'sqlite' | 'postgresql';
  transaction(work: Work, kind?: string): Promise<unknown>;
  query(statement: unknown, values: readonly unknown[]): Promise<unknown>;
  startCheckpoints(): void;
  close(): Promise<void>;
}
interface EventLog {
  write(work: (transaction: { append(stream: string, event: object): unknown }) => Promise<unknown>): Promise<unknown>;
}

/** The measured parts of the built server. */
interface Program {
  readonly readConfig: (env: Record<string, string>) => {
    readonly database: { readonly kind: 'sqlite' | 'postgresql' };
  };
  readonly connect: (database: object, schema: object) => Promise<Orm>;
  readonly migrate: (orm: Orm, config: object) => Promise<unknown>;
  readonly Database: new (orm: Orm, kind: string) => Database;
  readonly EventLog: new (database: Database) => EventLog;
  readonly CompactorService: new (database: Database) => { compact(before: number): Promise<void> };
  readonly ENTITIES: object;
  readonly MIGRATIONS: object;
}

const MODULES = [
  'src/config/read-config',
  'src/database/connect',
  'src/database/migrating/migrate',
  'src/database/database',
  'src/schema',
  'migrations/index',
  'src/streams/log/event-log',
  'src/streams/compaction/compactor.service',
];

export interface Compaction {
  /** The time for the whole backlog. */
  readonly seconds: number;
  /** How long each step held its locks, in milliseconds, including its commit. */
  readonly holds: readonly number[];
  /** Commits of one event every 20 ms, before and during the compaction. */
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  /** Events and journal rows that should have been dropped. */
  readonly left: number;
}

/** Drops the backlog of an hour during writes. */
export async function measureCompaction(test: TestDatabase): Promise<Compaction> {
  const program = await loadServerModules<Program>(MODULES);
  const config = program.readConfig({ DATABASE_URL: test.url, DATA_DIR: test.dataDir });
  const orm = await program.connect(config.database, { entities: program.ENTITIES, migrations: program.MIGRATIONS });
  await program.migrate(orm, config);
  const evidence = await EvidenceDatabase.open(test.url);
  const before = Date.now() - 1_000_000;
  await fillLog(evidence, config.database.kind, HOUR, before - 1);
  const database = new program.Database(orm, config.database.kind);
  // As in a server: otherwise commits would run checkpoints of the write-ahead log.
  database.startCheckpoints();
  const log = new program.EventLog(database);
  try {
    const alone = await writeUntil(log, delay(ALONE_MS));
    const holds = new Holds(database);
    const compactor = new program.CompactorService(holds.watched);
    const began = performance.now();
    const compacting = compactor.compact(before);
    const beside = await writeUntil(log, compacting);
    const seconds = (performance.now() - began) / 1_000;
    const [events] = await evidence.query('select count(*) as left from stream_events where at < $1', [before]);
    const [rows] = await evidence.query('select count(*) as left from journal where at < $1', [before]);
    const left = Number(events?.['left']) + Number(rows?.['left']);
    return { seconds, holds: holds.all, alone, beside, left };
  } finally {
    await evidence[Symbol.asyncDispose]();
    await database.close();
  }
}

/** Measures how long transactions hold a database: from their turn to the end of the commit. */
class Holds {
  readonly all: number[] = [];
  /** The same database, measured, for the compactor. */
  readonly watched: Database;

  constructor(database: Database) {
    const note = (began: number): void => void this.all.push(performance.now() - began);
    this.watched = Object.assign(Object.create(database) as Database, {
      async transaction(work: Work, kind?: string) {
        let began = 0;
        const result = await database.transaction((transaction) => {
          began = performance.now();
          return work(transaction);
        }, kind);
        note(began);
        return result;
      },
      async query(statement: unknown, values: readonly unknown[]) {
        const began = performance.now();
        const rows = await database.query(statement, values);
        if (database.kind === 'sqlite') note(began);
        return rows;
      },
    });
  }
}

async function writeUntil(log: EventLog, end: Promise<unknown>): Promise<readonly number[]> {
  let isOver = false;
  void end.finally(() => (isOver = true));
  const times: number[] = [];
  while (!isOver) {
    const began = performance.now();
    await log.write((transaction) => Promise.resolve(transaction.append('admin', { type: 'presence', data: {} })));
    times.push(performance.now() - began);
    await delay(WRITE_EVERY_MS);
  }
  await end;
  return times;
}

/** Titles and figures, in the order of the table. */
export function figuresOf({ seconds, holds, alone, beside, left }: Compaction): [string, number][] {
  return [
    ['to drop all of it, seconds', seconds],
    ['streams an hour', (HOUR.streams / seconds) * 3_600],
    ['events a second', (HOUR.streams * HOUR.eventsEach) / seconds],
    ['rows of the journal a second', rowsOf(HOUR) / seconds],
    ['steps', holds.length],
    ['a step holds its locks for, p50, ms', quantile(holds, 0.5)],
    ['the same, p99, ms', quantile(holds, 0.99)],
    ['the longest, ms', Math.max(...holds)],
    ['p99 of a commit alone, ms', quantile(alone, 0.99)],
    ['p99 of a commit beside it, ms', quantile(beside, 0.99)],
    ['left over', left],
  ];
}
