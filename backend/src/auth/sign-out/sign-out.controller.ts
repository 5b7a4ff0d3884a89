import { Controller, HttpCode, HttpStatus, Post, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { type SignedOut, signedOut } from '../../protocol/http/index.js';
import { Answers } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { AuthCookies } from '../sessions/auth-cookies.js';
import { SameOriginGuard } from '../sessions/same-origin.guard.js';
import { SignOut } from './sign-out.js';

/** For any role: every user can sign out. */
@Controller('api/auth')
@Roles('pending', 'user', 'admin')
export class SignOutController {
  constructor(
    private readonly signOut: SignOut,
    private readonly cookies: AuthCookies,
  ) {}

  @Post('logout')
  @HttpCode(204)
  @UseGuards(SameOriginGuard)
  @Answers(
    'Sign out: end this session and close its sockets',
    { 204: { says: 'The session has ended and its sockets are closed.' }, 200: signedOut },
    { refuses: ['not_found'] },
  )
  async logout(
    @CurrentPrincipal() { userId, sessionId }: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedOut | undefined> {
    this.cookies.clear(response, 'refresh');
    const providerUrl = await this.signOut.end(userId, sessionId);
    if (providerUrl === undefined) return undefined;
    response.status(HttpStatus.OK);
    return { providerUrl };
  }
}
