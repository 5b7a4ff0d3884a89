import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type EntityManager } from '../../database/database.js';
import { SNAPSHOT } from './session-versions.statements.js';

/** Equal strings mean that nothing was written in between; `undefined` means that this is not known. */
export interface Versions {
  /** Changes with every commit of another connection to the database; on PostgreSQL also with own commits. */
  readonly others: string | undefined;
  /** Changes with every commit that may have ended a session, or changed what its user may do. */
  readonly sessions: string | undefined;
}

const UNKNOWN: Versions = { others: undefined, sessions: undefined };

/** Only the columns that decide about a principal, because others of these tables change all the time. */
const WATCHED = [
  ['sessions', 'update of user_id, ended_at, expires_at'],
  ['sessions', 'delete'],
  ['users', 'update of role, disabled'],
  ['users', 'delete'],
] as const;

/**
 * Detects whether anything can have changed since the last call, so that revalidation reads rows only when needed
 * (`A2`). On SQLite it is exact, since SQLite itself counts the writes of all connections. On PostgreSQL it only shows
 * that transactions were completed, not what they changed.
 */
@Injectable()
export class SessionVersions {
  constructor(private readonly database: Database) {}

  /** Reads the versions; call it before reading the data that depend on them. */
  async read(): Promise<Versions> {
    if (this.database.kind === 'postgresql') {
      const [row] = await this.database.query(SNAPSHOT, []);
      return { others: String(row?.['snapshot']), sessions: undefined };
    }
    const known = await this.database.read(readVersions);
    return known ?? this.database.write(install);
  }
}

async function readVersions(em: EntityManager): Promise<Versions | undefined> {
  const connection = em.getKysely();
  const tables = await sql`select 1 from temp.sqlite_master where name = 'session_changes'`.execute(connection);
  if (tables.rows.length === 0) return undefined;
  // `data_version` counts the commits of other connections only.
  const { rows } = await sql<{ others: number; own: number }>`
    select data_version as others, (select n from temp.session_changes) as own from pragma_data_version`.execute(
    connection,
  );
  const [row] = rows;
  if (!row) return UNKNOWN;
  return { others: String(row.others), sessions: `${row.others}/${row.own}` };
}

/**
 * Creates triggers that exist as long as the connection. Earlier writes are not counted, so the versions are unknown.
 */
async function install(em: EntityManager): Promise<Versions> {
  const connection = em.getKysely();
  await sql`create temp table session_changes (n integer not null)`.execute(connection);
  await sql`insert into temp.session_changes values (0)`.execute(connection);
  for (const [index, [table, event]] of WATCHED.entries()) {
    await sql
      .raw(
        `create temp trigger session_changes_${index} after ${event} on main.${table} ` +
          'begin update session_changes set n = n + 1; end',
      )
      .execute(connection);
  }
  return UNKNOWN;
}
