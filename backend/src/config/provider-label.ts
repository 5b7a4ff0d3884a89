import type { GoogleConfig } from './config.js';

const GOOGLE_HOST = 'accounts.google.com';

/** How people know the provider: Google, whom the stand-in plays too, or the host where they sign in. */
export function providerLabel({
  authorizationUrl,
  isStandIn,
}: Pick<GoogleConfig, 'authorizationUrl' | 'isStandIn'>): string {
  const { host, hostname } = new URL(authorizationUrl);
  return isStandIn || host === GOOGLE_HOST ? 'Google' : hostname;
}
