import { Controller, Get } from '@nestjs/common';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { type Caller, CurrentCaller } from '../../common/handlers/principal.js';
import { TokenScopes } from '../../common/handlers/roles.decorator.js';
import { type OwnBudget, ownBudget } from '../../protocol/index.js';
import { BudgetReports } from './budget-reports.js';

/** The user's own budget. */
@Controller('api/budget')
export class BudgetsController {
  constructor(private readonly reports: BudgetReports) {}

  @Get()
  @TokenScopes('read')
  @Answers('Get what is left of your budget', { 200: ownBudget })
  own(@CurrentCaller() { userId }: Caller): Promise<OwnBudget> {
    return this.reports.own(userId);
  }
}
