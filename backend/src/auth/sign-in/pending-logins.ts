import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Clock } from '../../database/clock.js';
import { AuthCookies } from '../sessions/auth-cookies.js';
import { isSameSecret } from '../hash.js';
import { LOGIN_LIFE_MS, LoginCookie, type PendingLogin } from './login-cookie.js';
import { LoginFailure } from './login-failure.js';
import { UsedStates } from './used-states.js';

/**
 * Keeps the sign-ins that are at a provider in an encrypted cookie instead of a server-side session. All tabs of a
 * browser share the cookie, so it contains the sign-ins of all of them.
 */
@Injectable()
export class PendingLogins {
  constructor(
    private readonly cookies: AuthCookies,
    private readonly cookie: LoginCookie,
    private readonly used: UsedStates,
    private readonly clock: Clock,
  ) {}

  newState(): string {
    return randomBytes(32).toString('base64url');
  }

  async add(request: Request, login: Omit<PendingLogin, 'expiresAt'>): Promise<void> {
    const now = this.clock.now();
    const others = (await this.read(request)).filter((other) => other.expiresAt > now);
    await this.write(request, [...others, { ...login, expiresAt: now + LOGIN_LIFE_MS }]);
  }

  /** The sign-in of a callback, without checks; `undefined` if this browser has not begun it. */
  async find(request: Request): Promise<PendingLogin | undefined> {
    const { state } = request.query;
    const logins = await this.read(request);
    return logins.find((login) => typeof state === 'string' && isSameSecret(login.state, state));
  }

  /**
   * Removes the sign-in of a callback, which works once.
   * @throws LoginFailure `state_mismatch`, `expired`
   */
  async take(request: Request): Promise<PendingLogin> {
    const login = await this.find(request);
    if (!login) throw new LoginFailure('state_mismatch');
    if (login.expiresAt <= this.clock.now()) throw new LoginFailure('expired');
    const others = (await this.read(request)).filter(({ state }) => state !== login.state);
    await this.write(request, others);
    if (!(await this.used.use(login.state))) throw new LoginFailure('state_mismatch');
    return login;
  }

  private async read(request: Request): Promise<readonly PendingLogin[]> {
    const sealed = this.cookies.read(request, 'login');
    return sealed === undefined ? [] : this.cookie.open(sealed);
  }

  private async write(request: Request, logins: readonly PendingLogin[]): Promise<void> {
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
