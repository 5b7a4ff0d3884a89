import { z } from 'zod';
import type { VerifiedIdentity } from '../../users/accounts.js';
import { isPictureUrl } from '../../users/pictures/picture-request.js';
import { emailAddress, isVisible, plainText, withoutBidiControls } from '../../protocol/index.js';
import { LoginFailure } from '../sign-in/login-failure.js';

const MAX_NAME = 200;
const MAX_PICTURE = 2000;

/** The used claims of OpenID Connect Core, 5.1, and Google's `hd`. Other claims are dropped. */
const claims = z.object({
  sub: plainText.min(1).max(255),
  email: emailAddress,
  email_verified: z.unknown().optional(),
  name: z.string().optional().catch(undefined),
  picture: z.string().optional().catch(undefined),
  hd: z.string().optional().catch(undefined),
});

/** Whose claims are accepted. */
export interface ClaimsConfig {
  readonly issuer: string;
  /** Google's `hd`, which must be equal. */
  readonly hostedDomain?: string | undefined;
  /** Domains of e-mail addresses, in lower case. */
  readonly allowedDomains?: readonly string[] | undefined;
  /**
   * Whether an e-mail address is accepted if the provider does not say whether it is verified; `undefined` for providers
   * that always say so.
   */
  readonly trustEmail?: boolean;
  /** Whether it is the local provider, whose pictures are on this machine. */
  readonly isLocal?: boolean;
}

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
  const { sub, email, email_verified: verified, name, picture, hd } = parsed.data;
  refuseUnverified(email, verified, config.trustEmail);
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  // The user can change the parameter `hd` in the URL of the sign-in, but not the claim.
  const isOtherHost = config.hostedDomain !== undefined && hd !== config.hostedDomain;
  if (isOtherHost || config.allowedDomains?.includes(domain) === false)
    throw new LoginFailure('wrong_domain', { email });
  return {
    issuer: config.issuer,
    subject: sub,
    email,
    name: readName(name) || email.slice(0, email.indexOf('@')).slice(0, MAX_NAME),
    picture: readPicture(picture, config.isLocal ?? false),
  };
}

/** An address that is not verified may belong to another person, who would become an admin by `ADMIN_EMAILS`. */
function refuseUnverified(email: string, verified: unknown, trustEmail: boolean | undefined): void {
  // Some providers send a string.
  if (verified === true || verified === 'true') return;
  const isUnknown = verified === undefined || verified === null;
  if (isUnknown && trustEmail === true) return;
  const canBeTrusted = isUnknown && trustEmail === false;
  throw new LoginFailure(canBeTrusted ? 'email_verification_missing' : 'email_unverified', { email });
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

function readPicture(picture: string | undefined, allowsLocal: boolean): string | null {
  if (picture === undefined || picture.length > MAX_PICTURE) return null;
  const url = URL.parse(picture);
  return url && isPictureUrl(url, allowsLocal) && url.href.length <= MAX_PICTURE ? url.href : null;
}
