import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type AccountClaims, type ClientMetadata, type Configuration, Provider } from 'oidc-provider';
import { MemoryAdapter } from './memory-adapter.ts';

/** The scopes that Lockstep requests. */
export const SCOPES = 'openid email profile';

interface ProviderOptions {
  readonly client: {
    readonly id: string;
    readonly secret: string;
    readonly redirectUri: string;
    /** Further metadata of the client. */
    readonly metadata?: Partial<ClientMetadata> | undefined;
  };
  /** The claims of a user; `undefined` for an unknown subject. */
  readonly claimsOf: (subject: string) => AccountClaims | undefined;
  /** Further settings, such as the page that asks for the account; by default the library's development pages. */
  readonly more?: Configuration;
}

/**
 * An OpenID provider with one client that behaves like Google as far as Lockstep depends on it: PKCE with S256 is
 * required, the secret is checked, claims are in userinfo. All data are in memory.
 */
export async function makeProvider(issuer: string, { client, claimsOf, more }: ProviderOptions): Promise<Provider> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return new Provider(issuer, {
    adapter: MemoryAdapter.factory(),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'EC', use: 'sig', alg: 'ES256' }] },
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        client_name: 'Lockstep',
        redirect_uris: [client.redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
        ...client.metadata,
      },
    ],
    pkce: { required: () => true },
    claims: {
      openid: ['sub', 'hd', 'groups'],
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'picture'],
    },
    // The strategy reads the claims from userinfo.
    conformIdTokenClaims: true,
    findAccount: (_ctx, subject) => {
      const claims = claimsOf(subject);
      return claims && { accountId: subject, claims: () => ({ ...claims }) };
    },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 3600, Session: 3600 },
    ...more,
  });
}
