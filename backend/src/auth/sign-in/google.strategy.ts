import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-google-oauth20';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { VerifiedIdentity } from '../../users/accounts.js';
import { LoginStateStore } from './login-state.store.js';
import { parseObject, ProviderClient } from '../provider-client.js';
import { readClaims } from './provider-claims.js';

/** The injection token for the time limit of requests to the provider, in milliseconds. */
export const PROVIDER_DEADLINE_MS = Symbol('provider deadline');

/** Signs in with Google, or with another OpenID provider if one is configured. */
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

  /** `hd` only preselects accounts of the domain; `readClaims` checks the domain of the claims. */
  override authorizationParams(): object {
    const { hostedDomain, prompt } = this.config.google;
    return { ...(prompt !== undefined && { prompt }), ...(hostedDomain !== undefined && { hd: hostedDomain }) };
  }

  /** Returns the unchanged claims: the strategy's own profile omits `email_verified` for other providers. */
  override userProfile(accessToken: string, done: (error: unknown, profile?: unknown) => void): void {
    this._oauth2.get(this.config.google.userinfoUrl, accessToken, (error, body) =>
      // Contrary to its type the error is `null` on success.
      (error as unknown) ? done(error) : done(null, parseObject(String(body))),
    );
  }

  /** Called by passport with the result of `userProfile`. */
  validate(_accessToken: string, _refreshToken: string, profile: unknown): VerifiedIdentity {
    return readClaims(profile, this.config.google);
  }
}

/** The published types lack the five parameters of `store` and a verifier as `ok`; the library supports both. */
const asStateStore = (store: LoginStateStore): NonNullable<ConstructorParameters<typeof Strategy>[0]['store']> =>
  store as unknown as NonNullable<ConstructorParameters<typeof Strategy>[0]['store']>;
