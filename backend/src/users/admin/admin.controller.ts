import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import type { z } from 'zod';
import { bodies, page, type Page } from '../../protocol/http/index.js';
import { type AdminUser, adminUser, uuid } from '../../protocol/index.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { UserDirectory, usersQuery } from './user-directory.js';
import { type UserChange, UsersService } from '../users.service.js';

@Controller('api/admin')
@Roles('admin')
export class AdminController {
  constructor(
    private readonly users: UsersService,
    private readonly directory: UserDirectory,
  ) {}

  @Get('users')
  @Answers('List the users, newest first', { 200: page(adminUser) })
  list(@Query({ schema: usersQuery }) query: z.infer<typeof usersQuery>): Promise<Page<AdminUser>> {
    return this.directory.users(query);
  }

  @Patch('users/:id')
  @Limited(CHANGES)
  @Answers(
    'Change the role of a user, or disable an account',
    { 200: adminUser },
    { refuses: ['not_found', 'last_admin', 'role_by_provider'] },
  )
  change(
    @CurrentPrincipal() actor: Principal,
    @Param('id', { schema: uuid }) userId: string,
    @Body({ schema: bodies.adminUser }) body: UserChange,
  ): Promise<AdminUser> {
    return this.users.change(actor, userId, body);
  }
}
