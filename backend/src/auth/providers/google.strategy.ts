import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-google-oauth20';
import type { GoogleConfig } from '../../config/config.js';
import { LoginStateStore } from './login-state.store.js';
import { parseObject, ProviderClient } from './provider-client.js';
import { readClaims } from './provider-claims.js';
import type { VerifiedSignIn } from './sign-in-provider.js';

/** Signs in with Google, or with another OpenID provider if one is configured. */
export class GoogleStrategy extends PassportStrategy(Strategy, 'google') {
  constructor(
    private readonly google: GoogleConfig,
    redirectUri: string,
    deadlineMs: number,
    store: LoginStateStore,
  ) {
    const { clientId, clientSecret, authorizationUrl, tokenUrl } = google;
    super({
      clientID: clientId,
      clientSecret,
      authorizationURL: authorizationUrl,
      tokenURL: tokenUrl,
      callbackURL: redirectUri,
      scope: ['openid', 'email', 'profile'],
      pkce: true,
      store: asStateStore(store),
    });
    this._oauth2 = new ProviderClient(clientId, clientSecret, authorizationUrl, tokenUrl, deadlineMs);
  }

  /** `hd` only preselects accounts of the domain; `readClaims` checks the domain of the claims. */
  override authorizationParams(): object {
    const { hostedDomain, prompt } = this.google;
    return { ...(prompt !== undefined && { prompt }), ...(hostedDomain !== undefined && { hd: hostedDomain }) };
  }

  /** Returns the unchanged claims: the strategy's own profile omits `email_verified` for other providers. */
  override userProfile(accessToken: string, done: (error: unknown, profile?: unknown) => void): void {
    this._oauth2.get(this.google.userinfoUrl, accessToken, (error, body) =>
      // Contrary to its type the error is `null` on success.
      (error as unknown) ? done(error) : done(null, parseObject(String(body))),
    );
  }

  /** Called by passport with the result of `userProfile`. */
  validate(_accessToken: string, _refreshToken: string, profile: unknown): VerifiedSignIn {
    const identity = readClaims(profile, this.google);
    return {
      identity,
      session: { issuer: this.google.issuer, providerSession: null, idToken: null, providerTokens: null },
    };
  }
}

/** The published types lack the five parameters of `store` and a verifier as `ok`; the library supports both. */
const asStateStore = (store: LoginStateStore): NonNullable<ConstructorParameters<typeof Strategy>[0]['store']> =>
  store as unknown as NonNullable<ConstructorParameters<typeof Strategy>[0]['store']>;
