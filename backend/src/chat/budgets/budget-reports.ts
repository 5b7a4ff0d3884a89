import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { LanguageModel } from '../../models/language-model.js';
import type { Page, RoleBudgetList } from '../../protocol/http/index.js';
import { ASKING_ROLES, type BudgetedPerson, type BudgetStanding, type OwnBudget } from '../../protocol/index.js';
import { UserDirectory, type usersQuery } from '../../users/admin/user-directory.js';
import { BudgetRow } from './budget.entity.js';
import { readBudget, readStandingOf, viewBudget } from './budget-rows.js';

/** What is left of budgets, for their owners and for admins. */
@Injectable()
export class BudgetReports {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly model: LanguageModel,
    private readonly directory: UserDirectory,
  ) {}

  async own(userId: string): Promise<OwnBudget> {
    return { standing: await this.standingOf(userId), currency: this.config.models.currency };
  }

  /** The budgets of all roles. */
  async roles(): Promise<RoleBudgetList> {
    const rows = await this.database.readAside((em) => em.find(BudgetRow, { role: { $ne: null } }));
    const { items: models, currency } = this.model.offered();
    const items = ASKING_ROLES.map((role) => {
      const row = rows.find((one) => one.role === role);
      return { role, budget: row ? viewBudget(row) : null };
    });
    return { items, currency, unpriced: models.filter(({ price }) => !price).map(({ id }) => id), nextCursor: null };
  }

  /** The users with what is left of their budgets, the newest first. */
  async people(query: z.infer<typeof usersQuery>): Promise<Page<BudgetedPerson>> {
    const { items: users, nextCursor } = await this.directory.users(query);
    const ids = users.map(({ id }) => id);
    const rows = await this.database.readAside((em) => em.find(BudgetRow, { userId: { $in: ids } }));
    const items: BudgetedPerson[] = [];
    for (const { id, name, email, role } of users) {
      const row = rows.find(({ userId }) => userId === id);
      const standing = await this.standingOf(id);
      items.push({ user: { id, name, email }, role, budget: row ? viewBudget(row) : null, standing });
    }
    return { items, nextCursor };
  }

  /** What is left of the budget that applies to a user; `null` without one. */
  async standingOf(userId: string): Promise<BudgetStanding | null> {
    const { database } = this;
    const reader = { all: database.query.bind(database) };
    const { budget } = await readBudget(reader, userId);
    return budget && readStandingOf(reader, userId, budget, database.clock.now());
  }
}
