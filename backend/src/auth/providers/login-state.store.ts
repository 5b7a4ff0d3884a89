import { callbackify } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { PendingLogin } from '../sign-in/login-cookie.js';
import { LoginFailure } from '../sign-in/login-failure.js';
import { readLoginRequest } from '../sign-in/login-request.js';
import { PendingLogins } from '../sign-in/pending-logins.js';
import { GOOGLE_ID } from './sign-in-providers.js';

type Stored = (error: unknown, state?: string) => void;
/** `ok` is the PKCE verifier that goes to the provider's token endpoint; `false` refuses the callback. */
type Verified = (error: unknown, ok: string | false, outcome: PendingLogin | LoginFailure) => void;

/**
 * Stores `state` and the PKCE verifier for passport-oauth2, which detects the abilities of a store by its number of
 * parameters: `store` with five gets the PKCE verifier, `verify` with four can return it. With fewer, PKCE would not be
 * checked.
 */
@Injectable()
export class LoginStateStore {
  constructor(private readonly logins: PendingLogins) {}

  store(request: Request, providerVerifier: string, _state: unknown, _meta: object, done: Stored): void {
    const login = readLoginRequest(request.query);
    const state = this.logins.newState();
    const begin = async (): Promise<string> => {
      await this.logins.add(request, { ...login, provider: GOOGLE_ID, state, providerVerifier, nonce: null });
      return state;
    };
    callbackify(begin)(done);
  }

  verify(request: Request, _state: unknown, _meta: object, done: Verified): void {
    callbackify(() => this.logins.take(request))((error, login) => {
      if (error instanceof LoginFailure) done(null, false, error);
      else if (error) done(error, false, new LoginFailure('provider_error'));
      else done(null, login.providerVerifier, login);
    });
  }
}
