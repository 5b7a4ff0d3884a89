import { Controller, Get, Param } from '@nestjs/common';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { type PersonCounts as Counts, personCounts } from '../../protocol/http/index.js';
import { uuid } from '../../protocol/index.js';
import { PersonCounts } from './person-counts.js';

@Controller('api/admin/users/:id/counts')
@Roles('admin')
export class PersonCountsController {
  constructor(private readonly counts: PersonCounts) {}

  @Get()
  @Answers('Count what a user has, and has used this month', { 200: personCounts }, { refuses: ['not_found'] })
  read(@Param('id', { schema: uuid }) userId: string): Promise<Counts> {
    return this.counts.read(userId);
  }
}
