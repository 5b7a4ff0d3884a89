import { randomBytes } from 'node:crypto';
import { interactionPolicy, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { makeProvider, SCOPES } from '../../testing/provider/provider.js';
import type { Config, GoogleConfig } from '../../src/config/config.js';
import { type Account, userinfoOf } from './accounts.js';
import { CONTENT_SECURITY_POLICY, messagePage } from './pages.js';

const { Prompt, Check } = interactionPolicy;

/** The configuration of a server with the local provider. */
export type LocalConfig = Config & { readonly google: GoogleConfig };

/**
 * The provider of a server without Google's credentials: userinfo has Google's fields, and own pages ask for the account.
 * @param accounts the accounts that have signed in, by subject; the account page adds them
 */
export async function makeLocalProvider(
  config: LocalConfig,
  path: string,
  accounts: ReadonlyMap<string, Account>,
): Promise<Provider> {
  // The server fetches them: from itself, as the tokens.
  const pictures = new URL('pictures', config.google.userinfoUrl).href;
  const provider = await makeProvider(`${config.publicUrl}${path}`, {
    client: {
      id: config.google.clientId,
      secret: config.google.clientSecret,
      redirectUri: `${config.publicUrl}/api/auth/callback`,
    },
    claimsOf: (subject) => {
      const account = accounts.get(subject);
      return account && { ...userinfoOf(account, pictures) };
    },
    more: {
      loadExistingGrant: grantWithoutAsking,
      interactions: { url: (_ctx, interaction) => `${path}/interaction/${interaction.uid}`, policy: alwaysAskWho() },
      cookies: {
        keys: [randomBytes(32).toString('base64url')],
        long: { httpOnly: true, sameSite: 'lax', path },
        // Each cookie has the path of its own sign-in, because several tabs may sign in at once.
        short: { httpOnly: true, sameSite: 'lax' },
      },
      features: { devInteractions: { enabled: false } },
      renderError: (ctx, out) => {
        ctx.type = 'html';
        ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
        const title = 'This request cannot be answered';
        ctx.body = messagePage(`${path}/page.css`, title, out.error_description ?? out.error);
      },
    },
  });
  // Behind a development proxy with TLS, generated addresses must be those that the browser uses.
  provider.proxy = true;
  return provider;
}

/** Asks for the account at each sign-in, so that several tabs can sign in as different users. */
function alwaysAskWho(): InstanceType<typeof Prompt>[] {
  const choose = new Check('choose', 'an account has to be chosen', 'account_selection_required', (ctx) =>
    ctx.oidc.result?.login ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
  );
  return [new Prompt({ name: 'select_account', requestable: true }, choose)];
}

/** Grants everything without asking: consent has no meaning here. */
async function grantWithoutAsking(ctx: KoaContextWithOIDC): Promise<InstanceType<Provider['Grant']> | undefined> {
  const { provider, client, session } = ctx.oidc;
  const accountId = session?.accountId;
  if (!client || accountId === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId });
  grant.addOIDCScope(SCOPES);
  await grant.save();
  return grant;
}
