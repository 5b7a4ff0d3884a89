import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { bodies, page, type Page, type RoleBudgetList, roleBudgetList } from '../../protocol/http/index.js';
import {
  type AskingRole,
  askingRole,
  type BudgetedPerson,
  budgetedPerson,
  type PersonBudget,
  personBudget,
  type RoleBudget,
  roleBudget,
  uuid,
} from '../../protocol/index.js';
import { usersQuery } from '../../users/admin/user-directory.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { BudgetReports } from './budget-reports.js';
import { BudgetsService } from './budgets.service.js';

type BudgetBody = z.infer<typeof bodies.budget>;

@Controller('api/admin/budgets')
@Roles('admin')
export class BudgetsAdminController {
  constructor(
    private readonly budgets: BudgetsService,
    private readonly reports: BudgetReports,
  ) {}

  @Get('roles')
  @Answers('List the budgets of the roles', { 200: roleBudgetList })
  roles(): Promise<RoleBudgetList> {
    return this.reports.roles();
  }

  @Get('people')
  @Answers('List the users with what is left of their budgets, newest first', { 200: page(budgetedPerson) })
  people(@Query({ schema: usersQuery }) query: z.infer<typeof usersQuery>): Promise<Page<BudgetedPerson>> {
    return this.reports.people(query);
  }

  @Put('roles/:role')
  @Limited(CHANGES)
  @Answers('Set the budget of a role, or remove it', { 200: roleBudget })
  setForRole(
    @CurrentPrincipal() actor: Principal,
    @Param('role', { schema: askingRole }) role: AskingRole,
    @Body({ schema: bodies.budget }) { budget }: BudgetBody,
  ): Promise<RoleBudget> {
    return this.budgets.setForRole(actor, role, budget);
  }

  @Put('people/:id')
  @Limited(CHANGES)
  @Answers('Set the budget of a person, or remove it', { 200: personBudget }, { refuses: ['not_found'] })
  setForPerson(
    @CurrentPrincipal() actor: Principal,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: bodies.budget }) { budget }: BudgetBody,
  ): Promise<PersonBudget> {
    return this.budgets.setForPerson(actor, id, budget);
  }
}
