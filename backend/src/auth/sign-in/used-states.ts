import type { InferKyselyDB } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { EventLog } from '../../streams/log/event-log.js';
import { REMOVE_STATES } from '../expired-rows.statements.js';
import { sha256 } from '../hash.js';
import { LOGIN_LIFE_MS } from './login-cookie.js';
import { removeExpired } from '../remove-expired.js';
import type { UsedStateSchema } from './used-state.entity.js';

/**
 * Remembers which sign-ins came back. A cookie alone can be sent again by whoever has copied it, on any of the
 * server's processes, so the database decides who was first.
 */
@Injectable()
export class UsedStates {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** Whether this is the first time that the state comes back. */
  async use(state: string): Promise<boolean> {
    const row = { state_hash: sha256(state), expires_at: this.database.clock.now() + LOGIN_LIFE_MS };
    // Through the log, which finds out what became of a commit that is not answered: a state is used once.
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
