import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { type SessionList, sessionList } from '../../protocol/http/index.js';
import { uuid } from '../../protocol/index.js';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { Sessions } from './sessions.js';

const ENDED = { says: 'The session has ended and its sockets are closed.' };

/** The signed-in browsers of the user, for any role. */
@Controller('api/auth')
@Roles('pending', 'user', 'admin')
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get('sessions')
  @Answers('List your sessions', { 200: sessionList })
  async list(@CurrentPrincipal() { userId, sessionId }: Principal): Promise<SessionList> {
    return { items: await this.sessions.list(userId, sessionId), nextCursor: null };
  }

  @Delete('sessions')
  @HttpCode(204)
  @Answers('End all your sessions but this one', { 204: { says: 'They have ended, and their sockets are closed.' } })
  endOthers(@CurrentPrincipal() principal: Principal): Promise<void> {
    return this.sessions.endOthers(principal);
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @Answers('End one of your sessions', { 204: ENDED }, { refuses: ['not_found'] })
  async end(@CurrentPrincipal() { userId }: Principal, @Param('id', { schema: uuid }) id: string): Promise<void> {
    await this.sessions.end(userId, id);
  }
}
