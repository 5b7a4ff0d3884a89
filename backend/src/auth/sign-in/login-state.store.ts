import { randomBytes } from 'node:crypto';
import { callbackify } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Clock } from '../../database/clock.js';
import { AuthCookies } from '../sessions/auth-cookies.js';
import { isSameSecret } from '../hash.js';
import { LOGIN_LIFE_MS, LoginCookie, type PendingLogin } from './login-cookie.js';
import { LoginFailure } from './login-failure.js';
import { type LoginRequest, readLoginRequest } from './login-request.js';
import { UsedStates } from './used-states.js';

type Stored = (error: unknown, state?: string) => void;
/** `ok` is the PKCE verifier that goes to the provider's token endpoint; `false` refuses the callback. */
type Verified = (error: unknown, ok: string | false, outcome: LoginRequest | LoginFailure) => void;

/**
 * Stores `state` and the PKCE verifier for passport-oauth2, in an encrypted cookie instead of a server-side session.
 * All tabs of a browser share the cookie, so it contains the sign-ins of all of them.
 *
 * passport-oauth2 detects the abilities of a store by its number of parameters: `store` with five gets the PKCE
 * verifier, `verify` with four can return it. With fewer, PKCE would not be checked.
 */
@Injectable()
export class LoginStateStore {
  constructor(
    private readonly cookies: AuthCookies,
    private readonly cookie: LoginCookie,
    private readonly used: UsedStates,
    private readonly clock: Clock,
  ) {}

  store(request: Request, providerVerifier: string, _state: unknown, _meta: object, done: Stored): void {
    const login = readLoginRequest(request.query);
    const state = randomBytes(32).toString('base64url');
    const begin = async (): Promise<string> => {
      const expiresAt = this.clock.now() + LOGIN_LIFE_MS;
      const others = (await this.pending(request)).filter((other) => other.expiresAt > this.clock.now());
      await this.keep(request, [...others, { state, providerVerifier, ...login, expiresAt }]);
      return state;
    };
    callbackify(begin)(done);
  }

  verify(request: Request, state: unknown, _meta: object, done: Verified): void {
    callbackify(() => this.check(request, state))((error, login) => {
      if (error instanceof LoginFailure) done(null, false, error);
      else if (error) done(error, false, new LoginFailure('provider_error'));
      else done(null, login.providerVerifier, { challenge: login.challenge, returnPath: login.returnPath });
    });
  }

  private async check(request: Request, state: unknown): Promise<LoginRequest & { readonly providerVerifier: string }> {
    const logins = await this.pending(request);
    const login = logins.find((other) => typeof state === 'string' && isSameSecret(other.state, state));
    if (!login) throw new LoginFailure('state_mismatch');
    if (login.expiresAt <= this.clock.now()) throw new LoginFailure('expired');
    await this.keep(
      request,
      logins.filter((other) => other !== login),
    );
    if (!(await this.used.use(login.state))) throw new LoginFailure('state_mismatch');
    return login;
  }

  private async pending(request: Request): Promise<readonly PendingLogin[]> {
    const sealed = this.cookies.read(request, 'login');
    return sealed === undefined ? [] : this.cookie.open(sealed);
  }

  private async keep(request: Request, logins: readonly PendingLogin[]): Promise<void> {
    const response = responseOf(request);
    if (logins.length === 0) this.cookies.clear(response, 'login');
    else this.cookies.set(response, 'login', await this.cookie.seal(logins), LOGIN_LIFE_MS);
  }
}

/** The response of a request: passport passes only the request. */
function responseOf(request: Request): NonNullable<Request['res']> {
  if (!request.res) throw new Error('The request has no response');
  return request.res;
}
