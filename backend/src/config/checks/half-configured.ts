import { isLocalHost, isLocalUrl } from '../local-address.js';

/** Variables that make sense only together, without empty ones. */
export interface SignInSettings {
  readonly HOST: string;
  readonly PUBLIC_URL?: string | undefined;
  readonly GOOGLE_CLIENT_ID?: string | undefined;
  readonly GOOGLE_CLIENT_SECRET?: string | undefined;
  readonly GOOGLE_AUTHORIZATION_URL?: string | undefined;
  readonly GOOGLE_TOKEN_URL?: string | undefined;
  readonly GOOGLE_USERINFO_URL?: string | undefined;
  readonly LOCAL_SIGN_IN: 'local' | 'network';
  readonly SIGN_IN_PROVIDERS?: string | undefined;
  readonly SIGN_IN_PROVIDERS_FILE?: string | undefined;
}

const OTHER_PROVIDER = ['GOOGLE_AUTHORIZATION_URL', 'GOOGLE_TOKEN_URL', 'GOOGLE_USERINFO_URL'] as const;

/**
 * What is wrong with the way in, a sentence for each. Half a configuration would be filled up by defaults, and those by
 * the local provider, where anyone is an admin: a sign-in that was begun to be configured is the one that is wanted.
 */
export function halfConfigured(settings: SignInSettings): string[] {
  return [...halfProvider(settings), ...reachableLocalProvider(settings)];
}

function halfProvider(settings: SignInSettings): string[] {
  const { GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret } = settings;
  const given = OTHER_PROVIDER.filter((name) => settings[name] !== undefined);
  if (id !== undefined && secret === undefined) return ['GOOGLE_CLIENT_SECRET: is missing beside GOOGLE_CLIENT_ID'];
  if (secret !== undefined && id === undefined) return ['GOOGLE_CLIENT_ID: is missing beside GOOGLE_CLIENT_SECRET'];
  if (id === undefined && given.length > 0) {
    return [`GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET: are missing beside ${given.join(', ')}`];
  }
  // Otherwise codes of one provider would be sent to another one.
  if (settings.GOOGLE_AUTHORIZATION_URL !== undefined && given.length < OTHER_PROVIDER.length) {
    const missing = OTHER_PROVIDER.filter((name) => settings[name] === undefined);
    return [`${missing.join(', ')}: must name the provider of GOOGLE_AUTHORIZATION_URL too`];
  }
  return [];
}

function reachableLocalProvider(settings: SignInSettings): string[] {
  if (settings.GOOGLE_CLIENT_ID !== undefined || settings.GOOGLE_CLIENT_SECRET !== undefined) return [];
  // Beside other providers the local one is left out instead.
  if (settings.SIGN_IN_PROVIDERS !== undefined || settings.SIGN_IN_PROVIDERS_FILE !== undefined) return [];
  return waysIn(settings).map((reason) => `${reason}, and ${WAY_OUT}`);
}

/** Why other machines can reach the local provider, a reason for each; none if `LOCAL_SIGN_IN` permits it. */
export function waysIn({ HOST, PUBLIC_URL, LOCAL_SIGN_IN }: SignInSettings): string[] {
  if (LOCAL_SIGN_IN === 'network') return [];
  return [
    ...(isLocalHost(HOST) ? [] : [`HOST: ${HOST} lets other machines in`]),
    ...(PUBLIC_URL === undefined || isLocalUrl(PUBLIC_URL) ? [] : [`PUBLIC_URL: ${PUBLIC_URL} is for other machines`]),
  ];
}

const WAY_OUT =
  'the local provider lets anyone sign in as anyone, admins too. Set GOOGLE_CLIENT_ID and ' +
  'GOOGLE_CLIENT_SECRET, or leave HOST and PUBLIC_URL out; for a trial on a trusted network set ' +
  'LOCAL_SIGN_IN=network.';
