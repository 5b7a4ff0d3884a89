import { Logger } from '@nestjs/common';
import * as client from 'openid-client';
import type { OidcProviderConfig } from '../../config/sign-in/sign-in-providers.js';
import type { PendingLogin } from '../sign-in/login-cookie.js';
import type { Role } from '../../protocol/index.js';
import { claimedRole, hasRolesClaim } from './claimed-role.js';
import type { HeldTokens } from '../roles/held-tokens.js';
import { loginFailureOf } from './oidc-failure.js';
import { ProviderFailure } from './provider-failure.js';
import { readClaims } from './provider-claims.js';
import type { SignInProvider, SignInRequest, VerifiedSignIn } from './sign-in-provider.js';

export interface ProviderOptions {
  readonly redirectUri: string;
  /** The time limit of each request to the provider. */
  readonly deadlineMs: number;
}

/** What a provider says when it is asked for the role again. */
export interface AskedRole {
  /** Like `VerifiedIdentity.role`; `undefined` also if the provider does not say. */
  readonly role: Role | null | undefined;
  /** The tokens for the next time, if they have changed. */
  readonly tokens: HeldTokens | undefined;
}

const OFFLINE = 'offline_access';

/** A provider of OpenID Connect, by discovery. */
export class OidcProvider implements SignInProvider {
  isAvailable = false;
  private readonly logger = new Logger(OidcProvider.name);
  /** The metadata of the provider and the client, once they are known. */
  discovered: client.Configuration | undefined;

  constructor(
    readonly config: OidcProviderConfig,
    private readonly options: ProviderOptions,
  ) {}

  get id(): string {
    return this.config.id;
  }

  get issuer(): string {
    return this.config.issuer;
  }

  /** Whether roles are set by its claims. */
  get setsRoles(): boolean {
    return this.config.rolesClaim !== undefined;
  }

  async prepare(): Promise<void> {
    try {
      await this.discover();
    } catch (error) {
      const { code, cause } = loginFailureOf(error);
      const reason = cause instanceof Error ? cause.message : code;
      this.logger.error(`Nobody can sign in with ${this.config.label} (${this.id}): ${this.issuer} ${reason}`);
    }
  }

  async begin(state: string): Promise<SignInRequest> {
    try {
      const provider = await this.discover();
      const providerVerifier = client.randomPKCECodeVerifier();
      const nonce = client.randomNonce();
      const url = client.buildAuthorizationUrl(provider, {
        redirect_uri: this.options.redirectUri,
        scope: this.scopesOf(provider).join(' '),
        ...(this.config.prompt !== undefined && { prompt: this.config.prompt }),
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(providerVerifier),
        code_challenge_method: 'S256',
      });
      return { url, providerVerifier, nonce };
    } catch (error) {
      throw loginFailureOf(error);
    }
  }

  async finish(callback: URL, { state, nonce, providerVerifier }: PendingLogin): Promise<VerifiedSignIn> {
    try {
      const provider = await this.discover();
      const tokens = await client.authorizationCodeGrant(provider, callback, {
        expectedState: state,
        expectedNonce: nonce ?? '',
        pkceCodeVerifier: providerVerifier,
        idTokenExpected: true,
      });
      const idClaims = tokens.claims();
      if (!idClaims) throw new ProviderFailure('sent no ID token', { status: 200 });
      const claims = { ...idClaims, ...(await this.userinfo(provider, tokens.access_token, idClaims.sub)) };
      return {
        identity: { ...readClaims(claims, this.config), role: claimedRole(claims, this.config) },
        session: {
          issuer: this.issuer,
          providerSession: typeof idClaims['sid'] === 'string' ? idClaims['sid'].slice(0, 255) : null,
          idToken: tokens.id_token ?? null,
          providerTokens: this.setsRoles ? JSON.stringify(heldOf(idClaims.sub, tokens)) : null,
        },
      };
    } catch (error) {
      throw loginFailureOf(error);
    }
  }

  /**
   * Asks for the role of a user again, and for new tokens if there is a refresh token.
   * @throws LoginFailure, whose cause has the code `invalid_grant` if the provider has ended the access
   */
  async askRole({ subject, accessToken, refreshToken }: HeldTokens): Promise<AskedRole> {
    try {
      const provider = await this.discover();
      const tokens = refreshToken === null ? undefined : await client.refreshTokenGrant(provider, refreshToken);
      const idClaims = tokens?.claims();
      const userinfo = await this.userinfo(provider, tokens?.access_token ?? accessToken, subject);
      const claims = { ...idClaims, ...userinfo };
      return {
        // Without an ID token it is not known whether the claim is missing or only not in userinfo.
        role: idClaims || hasRolesClaim(claims, this.config) ? claimedRole(claims, this.config) : undefined,
        tokens: tokens ? heldOf(subject, tokens, refreshToken) : undefined,
      };
    } catch (error) {
      throw loginFailureOf(error);
    }
  }

  /**
   * The provider's metadata and the client. They are read again after a failure.
   * @throws errors of `openid-client`
   */
  async discover(): Promise<client.Configuration> {
    try {
      this.discovered ??= await this.read();
    } catch (error) {
      this.isAvailable = false;
      throw error;
    }
    this.isAvailable = true;
    return this.discovered;
  }

  /** Asks for a refresh token where the role has to be asked for again (OpenID Connect Core, 11). */
  private scopesOf(provider: client.Configuration): readonly string[] {
    const { scopes } = this.config;
    const isSupported = provider.serverMetadata().scopes_supported?.includes(OFFLINE) ?? false;
    return this.setsRoles && isSupported && !scopes.includes(OFFLINE) ? [...scopes, OFFLINE] : scopes;
  }

  private async read(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.config;
    const isPlain = issuer.startsWith('http:');
    const timeout = this.options.deadlineMs / 1000;
    const found = await client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout,
      // The configuration permits it for addresses of this machine only.
      ...(isPlain && { execute: [client.allowInsecureRequests] }),
    });
    const metadata = found.serverMetadata();
    const provider = new client.Configuration(
      metadata,
      clientId,
      clientSecret,
      authenticationOf(metadata, clientSecret),
    );
    provider.timeout = timeout;
    if (isPlain) client.allowInsecureRequests(provider);
    // Signatures are checked although the tokens come directly from the provider.
    client.enableNonRepudiationChecks(provider);
    return provider;
  }

  /** Claims as JSON or as a signed JWT; none from a provider that has them in the ID token only. */
  private async userinfo(provider: client.Configuration, accessToken: string, subject: string): Promise<object> {
    if (provider.serverMetadata().userinfo_endpoint === undefined) return {};
    return client.fetchUserInfo(provider, accessToken, subject);
  }
}

/** @param former the refresh token that stays valid if the provider sends no new one (RFC 6749, 6) */
const heldOf = (
  subject: string,
  tokens: { readonly access_token: string; readonly refresh_token?: string },
  former: string | null = null,
): HeldTokens => ({ subject, accessToken: tokens.access_token, refreshToken: tokens.refresh_token ?? former });

/** How the client authenticates at the token endpoint; Basic is the default (OpenID Connect Discovery, 3). */
function authenticationOf(metadata: client.ServerMetadata, secret: string): client.ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  if (methods.includes('client_secret_basic')) return client.ClientSecretBasic(secret);
  if (methods.includes('client_secret_post')) return client.ClientSecretPost(secret);
  throw new ProviderFailure(`supports neither client_secret_basic nor client_secret_post, but ${methods.join(', ')}`, {
    status: 400,
  });
}
