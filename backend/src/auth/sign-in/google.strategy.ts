import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-google-oauth20';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { VerifiedIdentity } from '../../users/accounts.js';
import { LoginStateStore } from './login-state.store.js';
import { parseObject, ProviderClient } from '../provider-client.js';
import { readClaims } from './provider-claims.js';

/** Token for how long the provider may take for one answer, in milliseconds. */
export const PROVIDER_DEADLINE_MS = Symbol('provider deadline');

/** Signs in with Google, or with another OpenID provider by configuration alone. */
@Injectable()
export class GoogleStrategy extends PassportStrategy(Strategy, 'google') {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PROVIDER_DEADLINE_MS) deadlineMs: number,
    store: LoginStateStore,
  ) {
    const { clientId, clientSecret, authorizationUrl, tokenUrl } = config.google;
    super({
      clientID: clientId,
      clientSecret,
      authorizationURL: authorizationUrl,
      tokenURL: tokenUrl,
      callbackURL: `${config.publicUrl}/api/auth/callback`,
      scope: ['openid', 'email', 'profile'],
      pkce: true,
      store: asStateStore(store),
    });
    this._oauth2 = new ProviderClient(clientId, clientSecret, authorizationUrl, tokenUrl, deadlineMs);
  }

  /** `hd` spares people of another domain the way; what counts is the domain that comes back. */
  override authorizationParams(): object {
    const { hostedDomain, prompt } = this.config.google;
    return { ...(prompt !== undefined && { prompt }), ...(hostedDomain !== undefined && { hd: hostedDomain }) };
  }

  /** The claims as they are: the strategy's own profile drops `email_verified` for other providers' addresses. */
  override userProfile(accessToken: string, done: (error: unknown, profile?: unknown) => void): void {
    this._oauth2.get(this.config.google.userinfoUrl, accessToken, (error, body) =>
      // The types promise an error here that is `null` when all went well.
      (error as unknown) ? done(error) : done(null, parseObject(String(body))),
    );
  }

  /** Called by passport with the answer of `userProfile`. */
  validate(_accessToken: string, _refreshToken: string, profile: unknown): VerifiedIdentity {
    return readClaims(profile, this.config.google);
  }
}

/** The published types know neither the five parameters of `store` nor a verifier as `ok`; the library does. */
const asStateStore = (store: LoginStateStore): NonNullable<ConstructorParameters<typeof Strategy>[0]['store']> =>
  store as unknown as NonNullable<ConstructorParameters<typeof Strategy>[0]['store']>;
