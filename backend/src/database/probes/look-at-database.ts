import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { timeOfDay } from '../../clock.js';
import type { DatabaseConfig } from '../../config/config.js';
import { DATABASE_TIME } from '../clock.statements.js';
import { LimitedClient } from '../postgres/limited-client.js';
import { SERVING } from '../postgres/postgres-limits.js';

/** What is known about a database without changing it. */
export interface DatabaseFacts {
  readonly kind: 'SQLite' | 'PostgreSQL';
  readonly version: string;
  readonly encoding: string;
  readonly bytes: number;
  /** The rows of the event log. */
  readonly events: number;
  /** The names of the migrations that were carried out; none on an empty database. */
  readonly migrations: readonly string[];
  /** How far the database's clock is ahead of that of this machine; `undefined` if there is only one machine. */
  readonly aheadMs?: number;
}

const LOCKED_MS = 1_000;
/** A write that is rolled back. */
const PROBE = `insert into meta ("key", "value") values ('doctor', '') on conflict ("key") do nothing`;

/**
 * Looks at a database, also while servers use it, and tries whether it can be written: by a write that is rolled back.
 * @returns `undefined` if a SQLite file does not exist yet
 * @throws what the drivers throw
 */
export const lookAtDatabase = async (config: DatabaseConfig): Promise<DatabaseFacts | undefined> =>
  config.kind === 'sqlite' ? lookAtSqlite(config.path) : lookAtPostgres(config.url);

function lookAtSqlite(path: string): DatabaseFacts | undefined {
  if (!existsSync(path)) return undefined;
  const database = new Sqlite(path, { fileMustExist: true, timeout: LOCKED_MS });
  const one = (sql: string): unknown => database.prepare(sql).pluck().get();
  const hasTable = (name: string): boolean =>
    database.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !== undefined;
  try {
    database.exec('begin immediate');
    if (hasTable('meta')) database.exec(PROBE);
    database.exec('rollback');
    return {
      kind: 'SQLite',
      version: String(one('select sqlite_version()')),
      encoding: String(one('pragma encoding')),
      bytes: Number(one('pragma page_count')) * Number(one('pragma page_size')),
      events: hasTable('stream_events') ? Number(one('select count(*) from stream_events')) : 0,
      migrations: hasTable('migrations')
        ? (database.prepare('select name from migrations').pluck().all() as string[])
        : [],
    };
  } finally {
    database.close();
  }
}

async function lookAtPostgres(url: string): Promise<DatabaseFacts> {
  const client = new LimitedClient({ connectionString: url, application_name: 'lockstep doctor' }, SERVING);
  // The promises reject with the same error.
  client.on('error', () => undefined);
  const rows = async <Row extends object>(sql: string): Promise<Row[]> => (await client.query<Row>(sql)).rows;
  const hasTable = async (name: string): Promise<boolean> =>
    (await rows(`select 1 where to_regclass('${name}') is not null`)).length > 0;
  try {
    await client.connect();
    await client.setUp();
    const [facts] = await rows<{ version: string; encoding: string; bytes: string }>(
      `select current_setting('server_version') as version, current_setting('server_encoding') as encoding,
       pg_database_size(current_database()) as bytes`,
    );
    const askedAt = timeOfDay();
    const [clock] = await rows<{ time: string }>(DATABASE_TIME.postgresql);
    const aheadMs = Number(clock?.time) - (askedAt + timeOfDay()) / 2;
    await rows('begin');
    // On an empty database the server creates its tables.
    await rows((await hasTable('meta')) ? PROBE : 'create table lockstep_doctor (id integer)');
    await rows('rollback');
    const [log] = (await hasTable('stream_events'))
      ? await rows<{ n: string }>('select count(*) as n from stream_events')
      : [];
    const done = (await hasTable('migrations')) ? await rows<{ name: string }>('select name from migrations') : [];
    return {
      kind: 'PostgreSQL',
      version: facts?.version.split(' ')[0] ?? '',
      encoding: facts?.encoding ?? '',
      bytes: Number(facts?.bytes),
      events: Number(log?.n ?? 0),
      migrations: done.map(({ name }) => name),
      aheadMs,
    };
  } finally {
    await client.end();
  }
}
