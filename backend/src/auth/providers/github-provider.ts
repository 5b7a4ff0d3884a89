import * as client from 'openid-client';
import { z } from 'zod';
import type { GithubProviderConfig } from '../../config/sign-in/sign-in-providers.js';
import type { PendingLogin } from '../sign-in/login-cookie.js';
import { LoginFailure } from '../sign-in/login-failure.js';
import { loginFailureOf } from './oidc-failure.js';
import type { ProviderOptions } from './oidc-provider.js';
import { parseObject } from './provider-client.js';
import { ProviderFailure } from './provider-failure.js';
import { readClaims } from './provider-claims.js';
import type { SignInProvider, SignInRequest, VerifiedSignIn } from './sign-in-provider.js';

/** https://docs.github.com/en/rest/users/users#get-the-authenticated-user */
const account = z.object({
  id: z.int().positive(),
  login: z.string(),
  name: z.string().nullish(),
  avatar_url: z.string().nullish(),
});
/** https://docs.github.com/en/rest/users/emails#list-email-addresses-for-the-authenticated-user */
const emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** GitHub: OAuth 2 with PKCE; the claims are read from its API. */
export class GithubProvider implements SignInProvider {
  /** Nothing is discovered, so that nothing is known before the first use. */
  readonly isAvailable = true;
  private readonly server: client.Configuration;

  constructor(
    readonly config: GithubProviderConfig,
    private readonly options: ProviderOptions,
  ) {
    const { issuer, clientId, clientSecret } = config;
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/login/oauth/authorize`,
      token_endpoint: `${issuer}/login/oauth/access_token`,
    };
    this.server = new client.Configuration(metadata, clientId, undefined, client.ClientSecretPost(clientSecret));
    this.server.timeout = options.deadlineMs / 1000;
    this.server[client.customFetch] = fetchWithStatus;
    if (issuer.startsWith('http:')) client.allowInsecureRequests(this.server);
  }

  get id(): string {
    return this.config.id;
  }

  get issuer(): string {
    return this.config.issuer;
  }

  async prepare(): Promise<void> {
    // Its addresses are known.
  }

  async begin(state: string): Promise<SignInRequest> {
    const providerVerifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(this.server, {
      redirect_uri: this.options.redirectUri,
      scope: 'read:user user:email',
      state,
      code_challenge: await client.calculatePKCECodeChallenge(providerVerifier),
      code_challenge_method: 'S256',
    });
    return { url, providerVerifier, nonce: null };
  }

  async finish(callback: URL, { state, providerVerifier }: PendingLogin): Promise<VerifiedSignIn> {
    try {
      const tokens = await client.authorizationCodeGrant(this.server, callback, {
        expectedState: state,
        pkceCodeVerifier: providerVerifier,
      });
      const person = account.parse(await this.ask(tokens.access_token, '/user'));
      const addresses = emails.parse(await this.ask(tokens.access_token, '/user/emails'));
      const address = addresses.find(({ primary }) => primary) ?? addresses[0];
      const claims = {
        sub: String(person.id),
        email: address?.email,
        email_verified: address?.verified,
        name: person.name || person.login,
        picture: person.avatar_url ?? undefined,
      };
      const identity = readClaims(claims, this.config);
      return { identity, session: { issuer: this.issuer, providerSession: null, idToken: null, providerTokens: null } };
    } catch (error) {
      if (error instanceof z.ZodError) throw new LoginFailure('provider_misconfigured', { cause: error });
      throw loginFailureOf(error);
    }
  }

  private async ask(accessToken: string, path: string): Promise<unknown> {
    const headers = new Headers({ accept: 'application/vnd.github+json', 'user-agent': 'Lockstep' });
    const url = new URL(this.config.apiUrl + path);
    const response = await client.fetchProtectedResource(this.server, accessToken, url, 'GET', null, headers);
    const { status } = response;
    if (!response.ok) throw new ProviderFailure(`refused ${path} with ${status}`, { status });
    return response.json();
  }
}

/** GitHub answers errors of the token endpoint with the status 200; the library expects 400 (RFC 6749, 5.2). */
const fetchWithStatus: client.CustomFetch = async (url, options) => {
  const response = await fetch(url, options as RequestInit);
  if (!response.ok || !url.endsWith('/access_token')) return response;
  const text = await response.text();
  const code = parseObject(text)?.['error'];
  if (typeof code !== 'string') return new Response(text, { headers: JSON_TYPE });
  const error = STANDARD_CODES.get(code) ?? code;
  return new Response(JSON.stringify({ error }), { status: 400, headers: JSON_TYPE });
};

const JSON_TYPE = { 'content-type': 'application/json' };
/** https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors */
const STANDARD_CODES: ReadonlyMap<string, string> = new Map([
  ['incorrect_client_credentials', 'invalid_client'],
  ['bad_verification_code', 'invalid_grant'],
]);
