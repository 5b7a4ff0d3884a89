import { Body, Controller, Get, HttpCode, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Clock } from '../database/clock.js';
import { bodies, type ProviderList, providerList, type TokenGrant, tokenGrant } from '../protocol/http/index.js';
import { Answers, type AnswersOptions, type OtherAnswer } from '../common/handlers/answers.decorator.js';
import { Public } from '../common/handlers/roles.decorator.js';
import { Limited } from '../limits/limited.decorator.js';
import { Arrivals } from './sign-in/arrivals.js';
import { AuthCookies } from './sessions/auth-cookies.js';
import { LoginFailureFilter, StartFailureFilter } from './sign-in/login-failure.filter.js';
import { callbackQuery, loginQuery } from './sign-in/login-request.js';
import {
  type FinishedRequest,
  FinishLoginGuard,
  type StartedRequest,
  StartLoginGuard,
} from './sign-in/login.guards.js';
import { SameOriginGuard } from './sessions/same-origin.guard.js';
import { type Granted, SignIn } from './sign-in/sign-in.js';
import { SignInProviders } from './providers/sign-in-providers.js';
import { CALLBACK, EXCHANGE, LOGIN, REFRESH } from './limits/sign-in-limits.js';

const TOO_MANY_ATTEMPTS: OtherAnswer = {
  says: 'Too many attempts from this address. `Refresh` redirects browsers to a page that explains it.',
  content: { 'text/plain': z.string() },
  headers: {
    Refresh: 'Redirects to the page that shows the failure.',
  },
};
const TO_PROVIDER: OtherAnswer = { says: 'Redirects to the provider.', headers: { Location: "The provider's page." } };
const TO_FAILURE: OtherAnswer = {
  says: 'Redirects to the page that shows why the provider cannot be used.',
  headers: { Location: '`/login-failed?error=CODE&provider=ID`.' },
};
const BACK_TO_PAGE: OtherAnswer = {
  says: 'Redirects to the page with a code in the fragment, or to the page that shows the failure.',
  headers: { Location: '`/auth/callback#code=…&return=…`, or `/login-failed?error=CODE&provider=ID`.' },
};
const REFRESHING: AnswersOptions = { refuses: ['unauthenticated', 'session_ended'], security: 'refreshCookie' };

/** The steps of the sign-in. The routes are public: each step is authorised by the result of the previous one. */
@Controller('api/auth')
@Public()
export class AuthController {
  constructor(
    private readonly providers: SignInProviders,
    private readonly arrivals: Arrivals,
    private readonly signIn: SignIn,
    private readonly cookies: AuthCookies,
    private readonly clock: Clock,
  ) {}

  @Get('providers')
  @Answers('List the sign-in providers', { 200: providerList })
  list(): ProviderList {
    return { items: this.providers.offered(), nextCursor: null };
  }

  @Get('login')
  @Limited(LOGIN)
  @UseGuards(SameOriginGuard, StartLoginGuard)
  @UseFilters(StartFailureFilter)
  @Answers('Start the sign-in', { 302: TO_PROVIDER, 303: TO_FAILURE, 429: TOO_MANY_ATTEMPTS }, { query: loginQuery })
  login(@Req() { providerUrl }: StartedRequest, @Res() response: Response): void {
    response.redirect(302, providerUrl);
  }

  @Get('callback')
  @Limited(CALLBACK)
  @UseGuards(FinishLoginGuard)
  @UseFilters(LoginFailureFilter)
  @Answers(
    'Handle the callback of the provider',
    { 303: BACK_TO_PAGE, 429: TOO_MANY_ATTEMPTS },
    { query: callbackQuery },
  )
  async callback(@Req() { user, authInfo }: FinishedRequest, @Res() response: Response): Promise<void> {
    const { challenge, returnPath, isLink } = authInfo.state;
    const code = await (isLink ? this.arrivals.link(user, challenge) : this.arrivals.accept(user, challenge));
    const page = new URLSearchParams({ code, return: returnPath, ...(isLink && { link: '1' }) });
    // In the fragment, which browsers do not send to servers.
    response.redirect(303, `/auth/callback#${page.toString()}`);
  }

  @Post('exchange')
  @HttpCode(200)
  @Limited(EXCHANGE)
  @UseGuards(SameOriginGuard)
  @Answers('Exchange a sign-in code for tokens', { 200: tokenGrant }, { refuses: ['unauthenticated'] })
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
  @Limited(REFRESH)
  @UseGuards(SameOriginGuard)
  @Answers('Get a new access token', { 200: tokenGrant }, REFRESHING)
  async refresh(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<TokenGrant> {
    return this.answer(response, await this.signIn.refresh(this.cookies.read(request, 'refresh')));
  }

  private answer(response: Response, { grant, refreshToken, expiresAt }: Granted): TokenGrant {
    if (refreshToken !== undefined) this.cookies.set(response, 'refresh', refreshToken, expiresAt - this.clock.now());
    return grant;
  }
}
