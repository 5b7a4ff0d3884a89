import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { interactionPolicy, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Config } from '../../src/config/config.js';
import { type Account, userinfoOf } from './accounts.js';
import { MemoryAdapter } from './memory-adapter.js';
import { CONTENT_SECURITY_POLICY, messagePage } from './pages.js';

const { Prompt, Check } = interactionPolicy;
const SCOPES = 'openid email profile';

/**
 * An OpenID provider that behaves like Google where this project can tell: PKCE with S256 is demanded, the secret is
 * checked, userinfo has Google's fields. Everything that it knows is gone with the process.
 * @param accounts who has signed in, by subject; filled by the account page.
 */
export async function makeProvider(
  config: Config,
  path: string,
  accounts: ReadonlyMap<string, Account>,
): Promise<Provider> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const provider = new Provider(`${config.publicUrl}${path}`, {
    adapter: MemoryAdapter.factory(),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'EC', use: 'sig', alg: 'ES256' }] },
    clients: [
      {
        client_id: config.google.clientId,
        client_secret: config.google.clientSecret,
        client_name: 'Lockstep',
        redirect_uris: [`${config.publicUrl}/api/auth/callback`],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub', 'hd'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'picture'] },
    // The claims belong into userinfo, where the strategy reads them.
    conformIdTokenClaims: true,
    findAccount: (_ctx, subject) => {
      const account = accounts.get(subject);
      return account && { accountId: subject, claims: () => ({ ...userinfoOf(account) }) };
    },
    loadExistingGrant: grantWithoutAsking,
    interactions: { url: (_ctx, interaction) => `${path}/interaction/${interaction.uid}`, policy: alwaysAskWho() },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      long: { httpOnly: true, sameSite: 'lax', path },
      // Each has the path of the one sign-in that it belongs to: several tabs may be here at once.
      short: { httpOnly: true, sameSite: 'lax' },
    },
    features: { devInteractions: { enabled: false } },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 3600, Session: 3600 },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      ctx.body = messagePage(`${path}/page.css`, 'This request cannot be answered', out.error_description ?? out.error);
    },
  });
  // Behind a development proxy with TLS the addresses that it makes have to be those of the browser.
  provider.proxy = true;
  return provider;
}

/** A session is never reused silently, so that several tabs can sign in as several people. */
function alwaysAskWho(): InstanceType<typeof Prompt>[] {
  const choose = new Check('choose', 'an account has to be chosen', 'account_selection_required', (ctx) =>
    ctx.oidc.result?.login ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
  );
  return [new Prompt({ name: 'select_account', requestable: true }, choose)];
}

/** There is nobody here whose consent would mean anything. */
async function grantWithoutAsking(ctx: KoaContextWithOIDC): Promise<InstanceType<Provider['Grant']> | undefined> {
  const { provider, client, session } = ctx.oidc;
  const accountId = session?.accountId;
  if (!client || accountId === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId });
  grant.addOIDCScope(SCOPES);
  await grant.save();
  return grant;
}
