import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { toBoolean } from '../../database/sql/sql-values.js';
import { Rounds } from '../../rounds.js';
import { EventLog } from '../../streams/log/event-log.js';
import { Conversation } from './conversation.entity.js';
import { DeletionsService } from './deletions.service.js';
import { FIND_UNUSED, IS_UNUSED, TAKE_RETENTION } from './retention.statements.js';

const EVERY_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
const FOUND_AT_ONCE = 50;

/** What became of one conversation: another process deletes at the moment, or it is used again. */
type Outcome = 'deleted' | 'used' | 'busy';

/**
 * Deletes conversations that were not used for `RETENTION_DAYS`, as their owners would: open tabs see it. Usage entries
 * stay.
 */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RetentionService.name);
  private readonly rounds = new Rounds(() => this.round());

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly deletions: DeletionsService,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.retentionDays === undefined) return;
    this.rounds.start(EVERY_MS);
  }

  onApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  /**
   * Deletes what is due, one conversation in each transaction.
   * @returns the number of conversations that were deleted; 0 without `RETENTION_DAYS`
   */
  async deleteUnused(): Promise<number> {
    const { retentionDays } = this.config;
    if (retentionDays === undefined) return 0;
    const before = this.database.clock.now() - retentionDays * DAY_MS;
    for (let deleted = 0; ;) {
      const found = await this.database.query(FIND_UNUSED, [before, FOUND_AT_ONCE]);
      const deletedBefore = deleted;
      for (const row of found) {
        const outcome = this.rounds.stopping ? 'busy' : await this.deleteOne(String(row['id']), before);
        if (outcome === 'busy') return deleted;
        if (outcome === 'deleted') deleted += 1;
      }
      if (found.length < FOUND_AT_ONCE || deleted === deletedBefore) return deleted;
    }
  }

  private async round(): Promise<void> {
    try {
      const deleted = await this.deleteUnused();
      if (deleted > 0) this.logger.log({ msg: 'Conversations without use were deleted', deleted });
    } catch (error) {
      this.logger.error({ msg: 'Conversations could not be deleted', err: error });
    }
  }

  private deleteOne(id: string, before: number): Promise<Outcome> {
    return this.log.write(async (transaction): Promise<Outcome> => {
      const [turn] = await transaction.all(TAKE_RETENTION, []);
      if (!toBoolean(turn?.['taken'])) return 'busy';
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const conversation = await transaction.em.findOne(Conversation, { id, deletedAt: null }, lock);
      // Read again under the lock: a message may have been sent since it was found.
      const [unused] = conversation ? await transaction.all(IS_UNUSED, [before, id]) : [];
      if (!conversation || !unused) return 'used';
      await this.deletions.deleteWithin(transaction, conversation);
      return 'deleted';
    });
  }
}
