import type { InferKyselyDB } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { EventLog } from '../../streams/log/event-log.js';
import { REMOVE_STATES } from '../expired-rows.statements.js';
import { sha256 } from '../hash.js';
import { LOGIN_LIFE_MS } from './login-cookie.js';
import { removeExpired } from '../../database/transactions/remove-expired.js';
import type { UsedStateSchema } from './used-state.entity.js';

/**
 * Remembers which sign-ins have returned. A copied cookie could be used again, also on another process, so the first
 * use is decided in the database.
 */
@Injectable()
export class UsedStates {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** Marks a state as used. @returns whether this is its first use */
  async use(state: string): Promise<boolean> {
    const row = { state_hash: sha256(state), expires_at: this.database.clock.now() + LOGIN_LIFE_MS };
    // Through the log, which finds out the outcome of a commit without a response.
    return this.log.write(async ({ em }) => {
      const inserted = await em
        .getKysely<InferKyselyDB<typeof UsedStateSchema>>()
        .insertInto('used_states')
        .values(row)
        .onConflict((conflict) => conflict.column('state_hash').doNothing())
        .executeTakeFirst();
      return Number(inserted.numInsertedOrUpdatedRows) === 1;
    });
  }

  sweep(now: number): Promise<void> {
    return removeExpired(this.database, REMOVE_STATES, now);
  }
}
