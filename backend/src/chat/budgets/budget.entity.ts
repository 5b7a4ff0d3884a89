import { defineEntity, p } from '@mikro-orm/core';
import type { AskingRole, BudgetUnit } from '../../protocol/index.js';
import { User } from '../../users/user.entity.js';

const BudgetSchema = defineEntity({
  name: 'BudgetRow',
  tableName: 'budgets',
  uniques: [{ properties: ['role'] }, { properties: ['userId'] }],
  properties: {
    id: p.uuid().primary(),
    /** The role or the user that it is for; the other one is `null`. */
    role: p.string().length(20).$type<AskingRole>().nullable(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').nullable().deleteRule('cascade').index(false),
    unit: p.string().length(10).$type<BudgetUnit>(),
    /** In tokens, or in millionths of the configured currency; `null` is no limit. */
    dayLimit: p.bigint('number').nullable(),
    monthLimit: p.bigint('number').nullable(),
  },
});

/** What everybody with a role, or one user, may use on a day and in a month. */
export class BudgetRow extends BudgetSchema.class {}
BudgetSchema.setClass(BudgetRow);
