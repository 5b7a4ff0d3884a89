import { Body, Controller, Get, Param, Patch, Query, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { bodies, type Page } from '../../protocol/http/index.js';
import { type AdminUser, type AuditEntry, uuid } from '../../protocol/index.js';
import { PersonThrottle } from '../person-throttle.guard.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { auditQuery, UserDirectory, usersQuery } from './user-directory.js';
import { type UserChange, UsersService } from '../users.service.js';

@Controller('api/admin')
@Roles('admin')
export class AdminController {
  constructor(
    private readonly users: UsersService,
    private readonly directory: UserDirectory,
  ) {}

  @Get('users')
  list(@Query({ schema: usersQuery }) query: z.infer<typeof usersQuery>): Promise<Page<AdminUser>> {
    return this.directory.users(query);
  }

  @Patch('users/:id')
  @UseGuards(PersonThrottle)
  change(
    @CurrentPrincipal() actor: Principal,
    @Param('id', { schema: uuid }) userId: string,
    @Body({ schema: bodies.adminUser }) body: UserChange,
  ): Promise<AdminUser> {
    return this.users.change(actor, userId, body);
  }

  @Get('audit')
  audit(@Query({ schema: auditQuery }) query: z.infer<typeof auditQuery>): Promise<Page<AuditEntry>> {
    return this.directory.audit(query);
  }
}
