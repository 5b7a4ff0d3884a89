import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Database } from '../database/database.js';
import { REMOVE_OLD_AUDIT, REMOVE_OLD_INVITATIONS } from './expired-rows.statements.js';
import { REMOVE_EXPIRED_LIMITS } from '../limits/rate-limit.statements.js';
import { removeExpired } from '../database/transactions/remove-expired.js';

const DAY_MS = 24 * 3_600_000;
/** How long an expired invitation is listed, so that admins see why its person could not use it. */
const LISTED_AFTER_EXPIRY_MS = 30 * DAY_MS;

/** Removes counts of past periods, expired invitations, and entries of the audit that are older than configured. */
@Injectable()
export class OldRecords {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async sweep(now: number): Promise<void> {
    await removeExpired(this.database, REMOVE_EXPIRED_LIMITS, now);
    await removeExpired(this.database, REMOVE_OLD_INVITATIONS, now - LISTED_AFTER_EXPIRY_MS);
    const { auditDays } = this.config;
    if (auditDays !== undefined) await removeExpired(this.database, REMOVE_OLD_AUDIT, now - auditDays * DAY_MS);
  }
}
