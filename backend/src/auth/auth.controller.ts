import { Body, Controller, Get, HttpCode, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { Throttle, ThrottlerGuard } from '@nestjs/throttler';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Clock } from '../database/clock.js';
import { bodies, type TokenGrant } from '../protocol/http/index.js';
import type { VerifiedIdentity } from '../users/accounts.js';
import { Public } from '../common/handlers/roles.decorator.js';
import { Arrivals } from './sign-in/arrivals.js';
import { AuthCookies } from './sessions/auth-cookies.js';
import { LoginFailureFilter } from './sign-in/login-failure.filter.js';
import type { LoginRequest } from './sign-in/login-request.js';
import { FinishLoginGuard, StartLoginGuard } from './sign-in/login.guards.js';
import { SameOriginGuard } from './sessions/same-origin.guard.js';
import { type Granted, SignIn } from './sign-in/sign-in.js';
import { refreshLimit } from './limits/sign-in-limits.js';
import { TooManyAttemptsFilter } from './limits/too-many-attempts.filter.js';

/** What passport leaves at a request whose sign-in came back. */
type FinishedRequest = Request & {
  readonly user: VerifiedIdentity;
  readonly authInfo: { readonly state: LoginRequest };
};

/** Signing in, step by step; each step is open to anyone who has what the step before gave. */
@Controller('api/auth')
@Public()
export class AuthController {
  constructor(
    private readonly arrivals: Arrivals,
    private readonly signIn: SignIn,
    private readonly cookies: AuthCookies,
    private readonly clock: Clock,
  ) {}

  @Get('login')
  @UseGuards(ThrottlerGuard, SameOriginGuard, StartLoginGuard)
  @UseFilters(TooManyAttemptsFilter)
  login(): void {
    // The guard has sent the browser to the provider.
  }

  @Get('callback')
  @UseGuards(ThrottlerGuard, FinishLoginGuard)
  @UseFilters(LoginFailureFilter)
  async callback(@Req() { user, authInfo }: FinishedRequest, @Res() response: Response): Promise<void> {
    const { challenge, returnPath } = authInfo.state;
    const code = await this.arrivals.accept(user, challenge);
    // Behind `#`: browsers send that part to nobody.
    response.redirect(303, `/auth/callback#${new URLSearchParams({ code, return: returnPath }).toString()}`);
  }

  @Post('exchange')
  @HttpCode(200)
  @UseGuards(ThrottlerGuard, SameOriginGuard)
  async exchange(
    @Body({ schema: bodies.exchange }) { code, verifier }: z.infer<typeof bodies.exchange>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TokenGrant> {
    const userAgent = request.headers['user-agent'] ?? '';
    const refreshToken = this.cookies.read(request, 'refresh');
    return this.answer(response, await this.signIn.exchange(code, verifier, { userAgent, refreshToken }));
  }

  @Post('refresh')
  @HttpCode(200)
  @Throttle(refreshLimit)
  @UseGuards(ThrottlerGuard, SameOriginGuard)
  async refresh(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<TokenGrant> {
    return this.answer(response, await this.signIn.refresh(this.cookies.read(request, 'refresh')));
  }

  private answer(response: Response, { grant, refreshToken, expiresAt }: Granted): TokenGrant {
    if (refreshToken !== undefined) this.cookies.set(response, 'refresh', refreshToken, expiresAt - this.clock.now());
    return grant;
  }
}
