import { Injectable } from '@nestjs/common';
import { Database, type EntityManager } from '../database/database.js';
import { ChatError, type Role } from '../protocol/index.js';
import type { Principal } from '../users/principal.js';

interface Tables {
  sessions: { id: string; user_id: string; expires_at: number; ended_at: number | null };
  users: { id: string; role: Role; disabled: boolean | number };
}

/** PostgreSQL takes 65,535 parameters in a statement, SQLite 32,766. */
const IDS_PER_QUERY = 10_000;

/** Says who somebody is now, from the rows as they are now (`A1`). */
@Injectable()
export class Principals {
  constructor(private readonly database: Database) {}

  /** @throws ChatError `unauthenticated` when the session is over or another user's, or the account is disabled */
  async load(userId: string, sessionId: string): Promise<Principal> {
    const principal = (await this.current([sessionId])).get(sessionId);
    if (principal?.userId === userId) return principal;
    throw new ChatError('unauthenticated', 'The session has ended.');
  }

  /** The principals of those sessions that still stand. */
  async current(sessionIds: Iterable<string>): Promise<ReadonlyMap<string, Principal>> {
    const ids = [...sessionIds];
    const principals = new Map<string, Principal>();
    for (let from = 0; from < ids.length; from += IDS_PER_QUERY) {
      const some = ids.slice(from, from + IDS_PER_QUERY);
      for (const row of await this.database.read((em) => readSessions(em, some))) {
        if (row.disabled) continue;
        principals.set(row.sessionId, { userId: row.userId, sessionId: row.sessionId, role: row.role });
      }
    }
    return principals;
  }
}

/** A plain query: it runs for every request and every event. */
const readSessions = (em: EntityManager, ids: readonly string[]) =>
  em
    .getKysely<Tables>()
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.id as sessionId', 'users.id as userId', 'users.role', 'users.disabled'])
    .where('sessions.id', 'in', ids)
    .where('sessions.ended_at', 'is', null)
    .where('sessions.expires_at', '>', Date.now())
    .execute();
