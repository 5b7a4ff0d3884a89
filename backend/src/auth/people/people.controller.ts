import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { type AdminPerson, adminPerson } from '../../protocol/http/index.js';
import { uuid } from '../../protocol/index.js';
import { Limited } from '../../limits/limited.decorator.js';
import { CHANGES } from '../../limits/policy.js';
import { PersonalTokens } from '../tokens/personal-tokens.js';
import { PeopleService } from './people.service.js';

const MISSING = { refuses: ['not_found'] } as const;

/** One user, for admins. Like all routes for admins, it takes no personal access token. */
@Controller('api/admin/users/:id')
@Roles('admin')
@Limited(CHANGES)
export class PeopleController {
  constructor(
    private readonly people: PeopleService,
    private readonly tokens: PersonalTokens,
  ) {}

  @Get()
  @Answers('Get a user with sessions, ways to sign in and access tokens', { 200: adminPerson }, MISSING)
  read(@CurrentPrincipal() admin: Principal, @Param('id', { schema: uuid }) userId: string): Promise<AdminPerson> {
    return this.people.read(admin, userId);
  }

  @Delete('sessions')
  @HttpCode(204)
  @Answers('End all sessions of a user', { 204: { says: 'They have ended, and their sockets are closed.' } }, MISSING)
  endSessions(@CurrentPrincipal() admin: Principal, @Param('id', { schema: uuid }) userId: string): Promise<void> {
    return this.people.endSessions(admin, userId);
  }

  @Delete('sessions/:sessionId')
  @HttpCode(204)
  @Answers('End a session of a user', { 204: { says: 'It has ended, and its sockets are closed.' } }, MISSING)
  endSession(
    @CurrentPrincipal() admin: Principal,
    @Param('id', { schema: uuid }) userId: string,
    @Param('sessionId', { schema: uuid }) sessionId: string,
  ): Promise<void> {
    return this.people.endSession(admin, userId, sessionId);
  }

  @Delete('tokens/:tokenId')
  @HttpCode(204)
  @Answers('End an access token of a user', { 204: { says: 'The token has ended.' } }, MISSING)
  endToken(
    @CurrentPrincipal() admin: Principal,
    @Param('id', { schema: uuid }) userId: string,
    @Param('tokenId', { schema: uuid }) tokenId: string,
  ): Promise<void> {
    return this.tokens.end(admin.userId, userId, tokenId);
  }
}
