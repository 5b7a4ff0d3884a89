import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type EntityManager, isPostgres } from '../database/database.js';
import { ChatError, type Role } from '../protocol/index.js';
import type { Principal } from '../users/principal.js';

/** What is believed of a session; without a `role` nothing is. */
export interface KnownSession {
  readonly sessionId: string;
  readonly role: Role | undefined;
}

interface SessionRow {
  readonly sessionId: string;
  readonly userId: string | null;
  readonly role: Role | null;
}

/** Says who somebody is now, from the rows as they are now (`A1`). */
@Injectable()
export class Principals {
  constructor(private readonly database: Database) {}

  /** @throws ChatError `unauthenticated` when the session is over or another user's, or the account is disabled */
  async load(userId: string, sessionId: string): Promise<Principal> {
    const [row] = await this.database.read((em) => readPrincipal(em, userId, sessionId));
    if (row) return { userId, sessionId, role: row.role };
    throw new ChatError('unauthenticated', 'The session has ended.');
  }

  /**
   * Those sessions that are not what they are believed to be: by id their principal, or `undefined` for one that has
   * ended or whose account is disabled. However many are asked about, one statement, and rows only for these.
   */
  async changed(known: readonly KnownSession[]): Promise<ReadonlyMap<string, Principal | undefined>> {
    if (known.length === 0) return new Map();
    const rows = await this.database.read((em) => readChanged(em, known));
    return new Map(
      rows.map(({ sessionId, userId, role }) => [
        sessionId,
        userId === null || role === null ? undefined : { sessionId, userId, role },
      ]),
    );
  }

  /** When the first of the sessions that still stand will be over; `undefined` when none does. */
  async firstEnd(known: readonly KnownSession[]): Promise<number | undefined> {
    if (known.length === 0) return undefined;
    const [row] = await this.database.read((em) => readFirstEnd(em, known));
    return row?.first === null || row === undefined ? undefined : Number(row.first);
  }
}

/*
 * Plain statements: the first runs for every request and every event. `ended_at` and `disabled` are what a session
 * loses its principal by, the role is what changes it.
 */
const readPrincipal = async (em: EntityManager, userId: string, sessionId: string) => {
  const { rows } = await sql<{ role: Role }>`
    select users.role from sessions join users on users.id = sessions.user_id
    where sessions.id = ${sessionId} and users.id = ${userId} and not users.disabled
      and sessions.ended_at is null and sessions.expires_at > ${Date.now()}`.execute(em.getKysely());
  return rows;
};

const readChanged = async (em: EntityManager, known: readonly KnownSession[]) => {
  const { rows } = await sql<SessionRow>`
    select known.id as "sessionId", users.id as "userId", users.role as role
    from ${tableOf(em, known)} as known
    left join sessions on sessions.id = known.id and sessions.ended_at is null and sessions.expires_at > ${Date.now()}
    left join users on users.id = sessions.user_id and not users.disabled
    where users.role is null or users.role <> known.role`.execute(em.getKysely());
  return rows;
};

const readFirstEnd = async (em: EntityManager, known: readonly KnownSession[]) => {
  const { rows } = await sql<{ first: number | string | null }>`
    select min(sessions.expires_at) as first
    from ${tableOf(em, known)} as known join sessions on sessions.id = known.id
    where sessions.expires_at > ${Date.now()}`.execute(em.getKysely());
  return rows;
};

/** One parameter, whatever its length: JSON is what both databases take apart. */
function tableOf(em: EntityManager, known: readonly KnownSession[]) {
  const json = JSON.stringify(known.map(({ sessionId, role }) => [sessionId, role ?? '']));
  return isPostgres(em)
    ? sql`(select (value->>0)::uuid as id, value->>1 as role from json_array_elements(${json}::json))`
    : sql`(select value->>0 as id, value->>1 as role from json_each(${json}))`;
}
