import type { GoogleConfig } from '../config.js';

const GOOGLE_HOST = 'accounts.google.com';

/** How people know the provider: Google, whom the local provider plays too, or the host where they sign in. */
export function providerLabel({
  authorizationUrl,
  isLocal,
}: Pick<GoogleConfig, 'authorizationUrl' | 'isLocal'>): string {
  const { host, hostname } = new URL(authorizationUrl);
  return isLocal || host === GOOGLE_HOST ? 'Google' : hostname;
}
