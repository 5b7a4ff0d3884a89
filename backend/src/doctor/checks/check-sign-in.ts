import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { providerLabel } from '../../config/sign-in/provider-label.js';
import type { SignInProviderConfig } from '../../config/sign-in/sign-in-providers.js';
import { redirectUri } from '../../auth/providers/sign-in-providers.js';
import { ask, networkReason } from '../ask.js';
import { type Check, type Found, note, ok, problem } from '../findings.js';
import { type Client, clientRefusal } from './client-refusal.js';

const LIMIT_MS = 10_000;

/** OpenID Connect Discovery 1.0, 3: what Lockstep needs of it. */
const metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});

/** The sign-in providers: their discovery documents, and whether they know the client. */
export function checkSignIn(config: Config): readonly Check[] {
  const redirect = redirectUri(config);
  const others = config.providers.map((provider) => checkOf((signal) => other(provider, redirect, signal)));
  const { google } = config;
  if (!google) return others;
  if (google.isLocal) return [{ area: 'sign_in', limitMs: LIMIT_MS, run: () => [note('sign_in_local')] }, ...others];
  const provider = providerLabel(google);
  const client = { id: google.clientId, secret: google.clientSecret, isInBody: true, redirect };
  return [checkOf((signal) => known(provider, google.tokenUrl, client, signal)), ...others];
}

const checkOf = (run: (signal: AbortSignal) => Promise<Found>): Check => ({
  area: 'sign_in',
  limitMs: LIMIT_MS,
  run: async (signal) => [await run(signal)],
});

const other = (config: SignInProviderConfig, redirect: string, signal: AbortSignal): Promise<Found> => {
  const { clientId: id, clientSecret: secret, issuer, label } = config;
  const client = { id, secret, isInBody: true, redirect };
  return config.kind === 'github'
    ? known(label, `${issuer}/login/oauth/access_token`, client, signal)
    : discovered(label, issuer, client, signal);
};

/** A provider whose token endpoint is known without discovery. */
async function known(provider: string, tokenUrl: string, client: Client, signal: AbortSignal): Promise<Found> {
  try {
    return verdict(provider, client, await clientRefusal(tokenUrl, client, signal));
  } catch (error) {
    return problem('sign_in_unreachable', { provider, url: tokenUrl, reason: networkReason(error) });
  }
}

async function discovered(provider: string, issuer: string, client: Client, signal: AbortSignal): Promise<Found> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const read = await readMetadata(url, signal);
  if ('unreachable' in read) return problem('sign_in_unreachable', { provider, url, reason: read.unreachable });
  if ('invalid' in read) return problem('sign_in_metadata', { provider, url, reason: read.invalid });
  const { issuer: found, token_endpoint, token_endpoint_auth_methods_supported: methods } = read.metadata;
  if (found !== issuer) return problem('sign_in_issuer', { provider, expected: issuer, found });
  const isBasic = methods === undefined || methods.includes('client_secret_basic');
  if (!isBasic && !methods.includes('client_secret_post')) {
    return problem('sign_in_metadata', {
      provider,
      url,
      reason: `no known way of authentication: ${methods.join(', ')}`,
    });
  }
  return known(provider, token_endpoint, { ...client, isInBody: !isBasic }, signal);
}

type Metadata =
  { readonly metadata: z.infer<typeof metadata> } | { readonly invalid: string } | { readonly unreachable: string };

async function readMetadata(url: string, signal: AbortSignal): Promise<Metadata> {
  let text: string;
  try {
    const response = await ask(new URL(url), { signal });
    if (response.status !== 200) return { invalid: `status ${response.status}` };
    ({ text } = response);
  } catch (error) {
    return { unreachable: networkReason(error) };
  }
  try {
    const parsed = metadata.safeParse(JSON.parse(text));
    if (parsed.success) return { metadata: parsed.data };
    return { invalid: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
  } catch (error) {
    if (error instanceof SyntaxError) return { invalid: 'it is not JSON' };
    throw error;
  }
}

const verdict = (provider: string, client: Client, refusal: string | undefined): Found => {
  const { redirect } = client;
  return refusal === undefined
    ? ok('sign_in_ok', { provider, redirect })
    : problem('sign_in_client', { provider, reason: refusal, redirect });
};
