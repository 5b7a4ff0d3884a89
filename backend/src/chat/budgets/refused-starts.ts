import { Injectable, Logger } from '@nestjs/common';
import { EventLog } from '../../streams/log/event-log.js';
import { telemetry } from '../../telemetry.js';
import { lockStarts } from '../sending/idempotency.js';
import { readBudget, readStandingOf } from './budget-rows.js';
import { judge } from './budget-verdict.js';
import { lockBudgets } from './budget-lock.js';
import { noteExceeded } from './exceeded.js';
import { BudgetExceeded } from './reservation.js';

/** Tells all tabs of a user when a run was refused because of the budget. */
@Injectable()
export class RefusedStarts {
  private readonly logger = new Logger(RefusedStarts.name);

  constructor(private readonly log: EventLog) {}

  /** Waits for `work`. A refusal is noted, and thrown again: its own transaction was undone. */
  async noting<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof BudgetExceeded) {
        telemetry.budgetRefused.publish({ period: error.exceeded.period });
        if (!error.isNoted) await this.note(error);
      }
      throw error;
    }
  }

  /** Judges again before it notes the refusal: the budget may have been raised in the meantime. Never rejects. */
  private async note({ userId, expected }: BudgetExceeded): Promise<void> {
    try {
      await this.log.write(async (transaction) => {
        await lockStarts(transaction, userId);
        await lockBudgets(transaction);
        const { budget } = await readBudget(transaction, userId);
        if (!budget) return;
        const verdict = judge(await readStandingOf(transaction, userId, budget, transaction.at), expected);
        if ('resetsAt' in verdict) await noteExceeded(transaction, userId, verdict.resetsAt);
      });
    } catch (error) {
      // The sender gets the refusal itself.
      this.logger.warn({ msg: 'A refusal could not be noted', userId, err: error });
    }
  }
}
