import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { bodies, page, type Page } from '../../protocol/http/index.js';
import { type Invitation, invitation, uuid } from '../../protocol/index.js';
import { pageCursor, pageLimit } from '../admin/page-cursor.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { InvitationsService } from './invitations.service.js';

const listQuery = z.strictObject({ cursor: pageCursor.optional(), limit: pageLimit });

@Controller('api/admin/invitations')
@Roles('admin')
export class InvitationsController {
  constructor(private readonly invitations: InvitationsService) {}

  @Get()
  @Answers('List the invitations that wait for a sign-in, newest first', { 200: page(invitation) })
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>): Promise<Page<Invitation>> {
    return this.invitations.list(query);
  }

  @Post()
  @Limited(CHANGES)
  @Answers(
    'Invite an e-mail address, or renew its invitation; no e-mail is sent',
    { 201: invitation },
    { refuses: ['account_exists'] },
  )
  invite(
    @CurrentPrincipal() actor: Principal,
    @Body({ schema: bodies.invitation }) body: z.infer<typeof bodies.invitation>,
  ): Promise<Invitation> {
    return this.invitations.invite(actor, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Limited(CHANGES)
  @Answers('Withdraw an invitation', { 204: { says: 'It is withdrawn.' } }, { refuses: ['not_found'] })
  withdraw(@CurrentPrincipal() actor: Principal, @Param('id', { schema: uuid }) id: string): Promise<void> {
    return this.invitations.withdraw(actor, id);
  }
}
