import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { toNumberOrNull } from '../../database/sql/sql-values.js';
import { ChatError, type Role } from '../../protocol/index.js';
import type { Principal } from '../../common/handlers/principal.js';
import { FIND_CHANGED, FIND_FIRST_END, FIND_PRINCIPAL } from './principal.statements.js';

/** What is believed of a session; without a `role` nothing is. */
export interface KnownSession {
  readonly sessionId: string;
  readonly role: Role | undefined;
}

/** Says who somebody is now, from the rows as they are now (`A1`). */
@Injectable()
export class Principals {
  constructor(private readonly database: Database) {}

  /** @throws ChatError `unauthenticated` when the session is over or another user's, or the account is disabled */
  async load(userId: string, sessionId: string): Promise<Principal> {
    const [row] = await this.database.query(FIND_PRINCIPAL, [sessionId, userId, this.database.clock.now()]);
    if (row) return { userId, sessionId, role: row['role'] as Role };
    throw new ChatError('unauthenticated', 'The session has ended.');
  }

  /**
   * Those sessions that are not what they are believed to be: by id their principal, or `undefined` for one that has
   * ended or whose account is disabled. However many are asked about, one statement, and rows only for these.
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

  /** When the first of the sessions that still stand will be over; `undefined` when none does. */
  async firstEnd(known: readonly KnownSession[]): Promise<number | undefined> {
    if (known.length === 0) return undefined;
    const [row] = await this.database.query(FIND_FIRST_END, [jsonOf(known), this.database.clock.now()]);
    return toNumberOrNull(row?.['first'] ?? null) ?? undefined;
  }
}

const jsonOf = (known: readonly KnownSession[]): string =>
  JSON.stringify(known.map(({ sessionId, role }) => [sessionId, role ?? '']));
