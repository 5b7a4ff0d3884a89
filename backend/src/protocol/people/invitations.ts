import { z } from 'zod';
import { uuid } from '../ids.js';
import { plainText } from '../texts.js';

/** A time in milliseconds since 1970, UTC. */
const instant = z.int().nonnegative();

/** The roles that an invitation can give; without one of them there is no need for an invitation. */
export const INVITED_ROLES = ['user', 'admin'] as const;
export const invitedRole = z.enum(INVITED_ROLES);
export type InvitedRole = z.infer<typeof invitedRole>;

export const MAX_EMAIL_LENGTH = 320;

/** An e-mail address, checked only for its form: whether it exists shows when its owner signs in. */
export const emailAddress = plainText
  .trim()
  .max(MAX_EMAIL_LENGTH)
  .regex(/^[^\s@\p{Cc}\p{Cf}]+@[^\s@\p{Cc}\p{Cf}]+$/u, { message: 'must be an e-mail address' });

/** An e-mail address that waits for its first sign-in, as admins see it. It has no effect after `expiresAt`. */
export const invitation = z.object({
  id: uuid,
  email: z.string(),
  role: invitedRole,
  inviterEmail: z.string(),
  createdAt: instant,
  expiresAt: instant,
});
export type Invitation = z.infer<typeof invitation>;
