import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Principal } from '../../common/handlers/principal.js';
import {
  ADMIN_STREAM,
  type AskingRole,
  type Budget,
  ChatError,
  type PersonBudget,
  type RoleBudget,
  teamStream,
  userStream,
} from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../../users/admin/audit.js';
import { User } from '../../users/user.entity.js';
import { DispatchService } from '../queue/dispatch.service.js';
import { BudgetRow } from './budget.entity.js';
import { FORGET_EXCEEDED_OF_ROLE } from './budget.statements.js';
import { lockBudgets } from './budget-lock.js';
import { viewBudget } from './budget-rows.js';
import { appendUpdated, forgetExceeded } from './exceeded.js';

/**
 * Sets budgets. A budget applies to the next run of everybody concerned: replies that are being written continue. Refused
 * messages may be sent again, and queued ones are.
 */
@Injectable()
export class BudgetsService {
  constructor(
    private readonly log: EventLog,
    private readonly dispatch: DispatchService,
  ) {}

  /** Sets the budget of a role, or removes it. Without a real change nothing is written. */
  setForRole({ userId: actorId }: Principal, role: AskingRole, budget: Budget | null): Promise<RoleBudget> {
    const data: RoleBudget = { role, budget };
    return this.log.write(async (transaction) => {
      const change = await replace(transaction, { role }, budget);
      if (!change) return data;
      const forgotten = await transaction.all(FORGET_EXCEEDED_OF_ROLE, [role]);
      for (const { id } of forgotten) await appendUpdated(transaction, String(id));
      transaction.append(teamStream(role), { type: 'budget.changed', data: {} });
      transaction.append(ADMIN_STREAM, { type: 'budget.set', data });
      await recordAct(transaction, { action: 'budget.set', actorId, detail: { role, ...change } });
      transaction.onCommitted(() => void this.dispatch.sweep());
      return data;
    });
  }

  /**
   * Sets the own budget of a person, or removes it, so that the one of their role applies again. Without a real change
   * nothing is written.
   * @throws ChatError `not_found`
   */
  setForPerson({ userId: actorId }: Principal, userId: string, budget: Budget | null): Promise<PersonBudget> {
    return this.log.write(async (transaction) => {
      const target = await transaction.em.findOne(User, { id: userId, deletingSince: null });
      if (!target) throw new ChatError('not_found', 'There is no such user.');
      const data: PersonBudget = { user: { id: userId, name: target.name, email: target.email }, budget };
      const change = await replace(transaction, { userId }, budget);
      if (!change) return data;
      await forgetExceeded(transaction, userId);
      transaction.append(userStream(userId), { type: 'budget.changed', data: {} });
      transaction.append(ADMIN_STREAM, { type: 'budget.set', data });
      await recordAct(transaction, { action: 'budget.set', actorId, target, detail: { ...change } });
      transaction.onCommitted(() => void this.dispatch.sweep(userId));
      return data;
    });
  }
}

type Subject = { readonly role: AskingRole } | { readonly userId: string };

/** Replaces a budget; `undefined` when nothing changes. */
async function replace(transaction: LogTransaction, subject: Subject, to: Budget | null) {
  const { em } = transaction;
  await lockBudgets(transaction);
  const row = await em.findOne(BudgetRow, subject);
  const from = row && viewBudget(row);
  if (isDeepStrictEqual(from, to)) return undefined;
  // With raw statements, because those that follow read the new budget.
  await em.nativeDelete(BudgetRow, subject);
  if (to) {
    const { unit, day: dayLimit, month: monthLimit } = to;
    await em.insert(BudgetRow, { id: transaction.newId(), ...subject, unit, dayLimit, monthLimit });
  }
  return { from, to };
}
