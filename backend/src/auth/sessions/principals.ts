import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { toNumberOrNull } from '../../database/sql/sql-values.js';
import { ChatError, type Role } from '../../protocol/index.js';
import type { Principal } from '../../common/handlers/principal.js';
import { FIND_CHANGED, FIND_FIRST_END, FIND_PRINCIPAL } from './principal.statements.js';

/** A session and the last known role of its user; `undefined` when it is not known. */
export interface KnownSession {
  readonly sessionId: string;
  readonly role: Role | undefined;
}

/** Loads the principal of a session from the current rows (`A1`). */
@Injectable()
export class Principals {
  constructor(private readonly database: Database) {}

  /** @throws ChatError `unauthenticated` when the session has ended or is another user's, or the account is disabled */
  async load(userId: string, sessionId: string): Promise<Principal> {
    const [row] = await this.database.query(FIND_PRINCIPAL, [sessionId, userId, this.database.clock.now()]);
    if (row) return { userId, sessionId, role: row['role'] as Role };
    throw new ChatError('unauthenticated', 'The session has ended.');
  }

  /**
   * The sessions that have changed: by id their current principal, or `undefined` for a session that has ended or whose
   * account is disabled. This takes one statement for any number of sessions, and returns rows only for changed ones.
   */
  async changed(known: readonly KnownSession[]): Promise<ReadonlyMap<string, Principal | undefined>> {
    if (known.length === 0) return new Map();
    const rows = await this.database.query(FIND_CHANGED, [jsonOf(known), this.database.clock.now()]);
    return new Map(
      rows.map(({ session_id, user_id, role }) => {
        const sessionId = String(session_id);
        const isOver = user_id === null || role === null;
        return [sessionId, isOver ? undefined : { sessionId, userId: user_id as string, role: role as Role }];
      }),
    );
  }

  /** When the first of the sessions expires, in milliseconds since 1970; `undefined` when all have expired. */
  async firstEnd(known: readonly KnownSession[]): Promise<number | undefined> {
    if (known.length === 0) return undefined;
    const [row] = await this.database.query(FIND_FIRST_END, [jsonOf(known), this.database.clock.now()]);
    return toNumberOrNull(row?.['first'] ?? null) ?? undefined;
  }
}

const jsonOf = (known: readonly KnownSession[]): string =>
  JSON.stringify(known.map(({ sessionId, role }) => [sessionId, role ?? '']));
