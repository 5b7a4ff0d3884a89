import { z } from 'zod';
import type { GoogleConfig } from '../../config/config.js';
import type { VerifiedIdentity } from '../../users/accounts.js';
import { isVisible, plainText, withoutBidiControls } from '../../protocol/index.js';
import { LoginFailure } from './login-failure.js';

const MAX_NAME = 200;
const MAX_PICTURE = 2000;

/** The used claims of OpenID Connect Core, 5.1, and Google's `hd`. Other claims are dropped. */
const claims = z.object({
  sub: plainText.min(1).max(255),
  email: plainText
    .trim()
    .max(320)
    .regex(/^[^\s@\p{Cc}\p{Cf}]+@[^\s@\p{Cc}\p{Cf}]+$/u),
  email_verified: z.unknown().optional(),
  name: z.string().optional().catch(undefined),
  picture: z.string().optional().catch(undefined),
  hd: z.string().optional().catch(undefined),
});

type ClaimsConfig = Pick<GoogleConfig, 'authorizationUrl' | 'hostedDomain' | 'isLocal'>;

/**
 * Reads the identity from the claims of the provider.
 * @throws LoginFailure when the claims are invalid, the e-mail is not verified, or the domain is wrong
 */
export function readClaims(profile: unknown, config: ClaimsConfig): VerifiedIdentity {
  const parsed = claims.safeParse(profile);
  if (!parsed.success) {
    const isEmailAlone = parsed.error.issues.every(({ path }) => path[0] === 'email');
    throw new LoginFailure(isEmailAlone ? 'email_missing' : 'provider_misconfigured', { cause: parsed.error });
  }
  const { sub, email, email_verified: isVerified, name, picture, hd } = parsed.data;
  // Some providers send a string.
  if (isVerified !== true && isVerified !== 'true') throw new LoginFailure('email_unverified', { email });
  // The user can change the parameter `hd` in the URL of the sign-in, but not the claim.
  if (config.hostedDomain !== undefined && hd !== config.hostedDomain)
    throw new LoginFailure('wrong_domain', { email });
  return {
    provider: providerName(config),
    subject: sub,
    email,
    name: readName(name) || email.slice(0, email.indexOf('@')).slice(0, MAX_NAME),
    picture: readPicture(picture),
  };
}

/** The name under which identities are stored: a subject is unique only within its provider. */
function providerName({ authorizationUrl, isLocal }: ClaimsConfig): string {
  if (isLocal) return 'local';
  const { host } = new URL(authorizationUrl);
  return host === 'accounts.google.com' ? 'google' : host;
}

function readName(name: string | undefined): string {
  const harmless = withoutBidiControls(name ?? '')
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  // By code points, so that no surrogate pair is split.
  const shortened = [...harmless].slice(0, MAX_NAME).join('').trim();
  return isVisible(shortened) ? shortened : '';
}

function readPicture(picture: string | undefined): string | null {
  if (picture === undefined || picture.length > MAX_PICTURE) return null;
  const url = URL.parse(picture);
  return url?.protocol === 'https:' && url.href.length <= MAX_PICTURE ? url.href : null;
}
