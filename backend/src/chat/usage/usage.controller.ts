import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import { type UsageReport, usageReport } from '../../protocol/index.js';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { type Caller, CurrentCaller } from '../../common/handlers/principal.js';
import { TokenScopes } from '../../common/handlers/roles.decorator.js';
import { readUsage, type UsageQuery, usageQuery } from './usage-report.js';

/** The user's own usage. */
@Controller('api')
export class UsageController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
  ) {}

  @Get('usage')
  @TokenScopes('read')
  @Answers('List your usage by day, newest first', { 200: usageReport })
  async usage(
    @CurrentCaller() { userId }: Caller,
    @Query({ schema: usageQuery }) query: UsageQuery,
  ): Promise<UsageReport> {
    const now = this.database.clock.now();
    const items = await this.database.readAside((em) => readUsage(em, userId, query, now), { isLong: true });
    return { items, currency: this.config.models.currency };
  }
}
