import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { bodies, page, type Page } from '../../protocol/http/index.js';
import { type AdminAnnouncement, adminAnnouncement, uuid } from '../../protocol/index.js';
import { pageCursor, pageLimit } from '../../users/admin/page-cursor.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { AnnouncementsService } from './announcements.service.js';

const listQuery = z.strictObject({ cursor: pageCursor.optional(), limit: pageLimit });

@Controller('api/admin/announcements')
@Roles('admin')
export class AnnouncementsController {
  constructor(private readonly announcements: AnnouncementsService) {}

  @Get()
  @Answers('List the announcements, newest first', { 200: page(adminAnnouncement) })
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>): Promise<Page<AdminAnnouncement>> {
    return this.announcements.list(query);
  }

  @Post()
  @Limited(CHANGES)
  @Answers('Show an announcement to everybody with one of its roles', { 201: adminAnnouncement })
  add(
    @CurrentPrincipal() actor: Principal,
    @Body({ schema: bodies.announcement }) body: z.infer<typeof bodies.announcement>,
  ): Promise<AdminAnnouncement> {
    return this.announcements.add(actor, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Limited(CHANGES)
  @Answers('Withdraw an announcement', { 204: { says: 'It is withdrawn.' } }, { refuses: ['not_found'] })
  withdraw(@CurrentPrincipal() actor: Principal, @Param('id', { schema: uuid }) id: string): Promise<void> {
    return this.announcements.withdraw(actor, id);
  }
}
