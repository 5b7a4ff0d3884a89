import { randomBytes } from 'node:crypto';
import { callbackify } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AuthCookies } from './auth-cookies.js';
import { isSameSecret } from './hash.js';
import { LOGIN_LIFE_MS, LoginCookie } from './login-cookie.js';
import { LoginFailure } from './login-failure.js';
import { type LoginRequest, readLoginRequest } from './login-request.js';
import { UsedStates } from './used-states.js';

type Stored = (error: unknown, state?: string) => void;
/** `ok` is the PKCE verifier that goes to the provider's token endpoint; `false` refuses the callback. */
type Verified = (error: unknown, ok: string | false, outcome: LoginRequest | LoginFailure) => void;

/**
 * Keeps `state` and the PKCE verifier for passport-oauth2, in a sealed cookie instead of a server-side session.
 *
 * passport-oauth2 counts parameters to learn what a store can do: `store` with five gets the PKCE verifier, `verify`
 * with four may hand it back. With fewer it would check neither.
 */
@Injectable()
export class LoginStateStore {
  constructor(
    private readonly cookies: AuthCookies,
    private readonly cookie: LoginCookie,
    private readonly used: UsedStates,
  ) {}

  store(request: Request, providerVerifier: string, _state: unknown, _meta: object, done: Stored): void {
    const login = readLoginRequest(request.query);
    const state = randomBytes(32).toString('base64url');
    const keep = async (): Promise<string> => {
      const sealed = await this.cookie.seal({ state, providerVerifier, ...login });
      this.cookies.set(responseOf(request), 'login', sealed, LOGIN_LIFE_MS);
      return state;
    };
    callbackify(keep)(done);
  }

  verify(request: Request, state: unknown, _meta: object, done: Verified): void {
    callbackify(() => this.check(request, state))((error, login) => {
      if (error instanceof LoginFailure) done(null, false, error);
      else if (error) done(error, false, new LoginFailure('provider_error'));
      else done(null, login.providerVerifier, { challenge: login.challenge, returnPath: login.returnPath });
    });
  }

  private async check(request: Request, state: unknown): Promise<LoginRequest & { readonly providerVerifier: string }> {
    const sealed = this.cookies.read(request, 'login');
    if (!sealed) throw new LoginFailure('state_mismatch');
    const login = await this.cookie.open(sealed);
    if (login === 'expired') throw new LoginFailure('expired');
    if (login === 'invalid' || typeof state !== 'string' || !isSameSecret(login.state, state)) {
      throw new LoginFailure('state_mismatch');
    }
    this.cookies.clear(responseOf(request), 'login');
    if (!(await this.used.use(state))) throw new LoginFailure('state_mismatch');
    return login;
  }
}

/** Express links the two; passport hands over the request alone. */
function responseOf(request: Request): NonNullable<Request['res']> {
  if (!request.res) throw new Error('The request has no response');
  return request.res;
}
