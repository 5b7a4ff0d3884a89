import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { interactionPolicy, Provider } from 'oidc-provider';

const CLIENT = { id: 'lockstep-elsewhere', secret: 'secret-of-another-provider' };

/**
 * An OpenID provider as its makers ship it, with their own development pages for signing in and agreeing.
 * Whoever types a login is that person.
 */
export class OpenIdProvider {
  readonly #server: Server;
  readonly #url: string;

  private constructor(server: Server) {
    this.#server = server;
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Serves one client, whose page is at `lockstepUrl`. */
  static async start(lockstepUrl: string): Promise<OpenIdProvider> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const started = new OpenIdProvider(server);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const provider = new Provider(started.#url, {
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'EC', use: 'sig', alg: 'ES256' }] },
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [`${lockstepUrl}/api/auth/callback`],
          token_endpoint_auth_method: 'client_secret_post',
          id_token_signed_response_alg: 'ES256',
        },
      ],
      pkce: { required: () => true },
      interactions: { policy: askingToSignIn() },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      cookies: { keys: ['a key for the cookies of a test'] },
      findAccount: (_context, login) => ({
        accountId: login,
        claims: () => ({ sub: login, email: login, email_verified: true, name: `Person at ${login}` }),
      }),
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return started;
  }

  /** What Lockstep's environment takes to use it. */
  get environment(): Record<string, string> {
    return {
      GOOGLE_CLIENT_ID: CLIENT.id,
      GOOGLE_CLIENT_SECRET: CLIENT.secret,
      GOOGLE_AUTHORIZATION_URL: `${this.#url}/auth`,
      GOOGLE_TOKEN_URL: `${this.#url}/token`,
      GOOGLE_USERINFO_URL: `${this.#url}/me`,
    };
  }

  async dispose(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Lockstep asks for the account to be chosen, as one does with Google; here that means to sign in. */
function askingToSignIn(): ReturnType<typeof interactionPolicy.base> {
  const policy = interactionPolicy.base();
  const choose = new interactionPolicy.Prompt({ name: 'select_account', requestable: true });
  choose.checks.clear();
  policy.add(choose);
  return policy;
}
