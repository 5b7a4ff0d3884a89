import { Controller, Get } from '@nestjs/common';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { Database } from '../../database/database.js';
import { type ActiveRunList, activeRunList } from '../../protocol/http/index.js';
import { listActive } from './active-runs.js';

/** What runs now, over all processes. */
@Controller('api/admin/runs')
@Roles('admin')
export class ActivityController {
  constructor(private readonly database: Database) {}

  @Get()
  @Answers('List the replies in progress, the longest-running first', { 200: activeRunList })
  async list(): Promise<ActiveRunList> {
    const { items, active } = await listActive((statement, values) => this.database.query(statement, values));
    return { items, active, nextCursor: null };
  }
}
