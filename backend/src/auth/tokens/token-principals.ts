import { Injectable, Logger } from '@nestjs/common';
import type { TokenPrincipal } from '../../common/handlers/principal.js';
import { Database } from '../../database/database.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { SqlRow } from '../../database/sql/statement.js';
import { toJson, toNumberOrNull } from '../../database/sql/sql-values.js';
import { ChatError, type Role, type TokenScope, userStream } from '../../protocol/index.js';
import { sha256 } from '../hash.js';
import { FIND_BY_HASH, FIND_BY_ID, NOTE_USE } from './personal-token.statements.js';
import { isWellFormed } from './token-format.js';

/** How often the last use of a token is written. */
const NOTED_EVERY_MS = 60_000;

/** Loads the principal of a personal access token from the current rows (`A1`). */
@Injectable()
export class TokenPrincipals {
  private readonly logger = new Logger(TokenPrincipals.name);
  /** When this process last noted the use of tokens, by `performance.now()`, the oldest first. */
  private readonly noted = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** @throws ChatError `unauthenticated` when the token is unknown, ended or expired, or the account is disabled */
  async load(token: string): Promise<TokenPrincipal> {
    const [row] = isWellFormed(token)
      ? await this.database.query(FIND_BY_HASH, [sha256(token), this.database.clock.now()])
      : [];
    if (!row) throw new ChatError('unauthenticated', 'The access token is not valid: it has ended or expired.');
    const principal = principalOf(row);
    this.noteUse(principal, toNumberOrNull(row['last_used_at']));
    return principal;
  }

  /** The current principal of a token that was valid before. @throws ChatError as `load` */
  async loadAgain(tokenId: string): Promise<TokenPrincipal> {
    const [row] = await this.database.query(FIND_BY_ID, [tokenId, this.database.clock.now()]);
    if (!row) throw new ChatError('unauthenticated', 'The access token has ended.');
    return principalOf(row);
  }

  /** In the background: a request must neither wait for this nor fail because of it. */
  private noteUse({ tokenId: id, userId }: TokenPrincipal, lastUsedAt: number | null): void {
    const now = this.database.clock.now();
    if (lastUsedAt !== null && now - lastUsedAt < NOTED_EVERY_MS) return;
    // Requests that arrive together, and those that come while the database cannot write.
    if (performance.now() - (this.noted.get(id) ?? -Infinity) < NOTED_EVERY_MS) return;
    this.remember(id);
    this.log
      .write(async (transaction) => {
        const [noted] = await transaction.all(NOTE_USE, [id, now, now - NOTED_EVERY_MS]);
        if (noted)
          transaction.append(userStream(userId), { type: 'token.used', data: { tokenId: id, lastUsedAt: now } });
      })
      .catch((error: unknown) => this.logger.warn({ msg: 'The use of a token could not be noted', err: error }));
  }

  private remember(id: string): void {
    const now = performance.now();
    for (const [oldest, at] of this.noted) {
      if (now - at < NOTED_EVERY_MS) break;
      this.noted.delete(oldest);
    }
    this.noted.set(id, now);
  }
}

const principalOf = (row: SqlRow): TokenPrincipal => ({
  tokenId: String(row['id']),
  userId: String(row['user_id']),
  role: row['role'] as Role,
  scopes: toJson(row['scopes']) as TokenScope[],
});
