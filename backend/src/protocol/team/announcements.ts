import { z } from 'zod';
import { uuid } from '../ids.js';
import { isVisible, plainText, withoutBidiControls } from '../texts.js';
import { role, ROLES } from './roles.js';

/** A time in milliseconds since 1970, UTC. */
const instant = z.int().nonnegative();

/** The longest text of an announcement, in UTF-16 units. */
export const MAX_ANNOUNCEMENT_LENGTH = 500;
/** The highest number of announcements that stand at the same time. */
export const MAX_ANNOUNCEMENTS = 20;

export const TONES = ['info', 'success', 'warning'] as const;
export const tone = z.enum(TONES);
export type Tone = z.infer<typeof tone>;

/** Plain text, shown as it is; it may have several lines. */
export const announcementText = plainText
  .trim()
  .min(1)
  .max(MAX_ANNOUNCEMENT_LENGTH)
  .refine((text) => withoutBidiControls(text) === text, { message: 'must not change the direction of writing' })
  .refine(isVisible, { message: 'must have a visible character' });

/** The roles that an announcement is for, each once. */
export const audience = z
  .array(role)
  .min(1)
  .max(ROLES.length)
  .refine((roles) => new Set(roles).size === roles.length, { message: 'must name each role once' });

/** An announcement as its readers see it. `endsAt`: it is shown until then; `null` has no end. */
export const announcement = z.object({
  id: uuid,
  text: z.string(),
  tone,
  endsAt: instant.nullable(),
  createdAt: instant,
});
export type Announcement = z.infer<typeof announcement>;

/** An announcement as admins see it; `withdrawnAt` is set when an admin has taken it back. */
export const adminAnnouncement = announcement.extend({
  roles: z.array(role).readonly(),
  authorEmail: z.string().nullable(),
  withdrawnAt: instant.nullable(),
});
export type AdminAnnouncement = z.infer<typeof adminAnnouncement>;

/**
 * The snapshot of the stream of a role: the announcements that stand, oldest first. `at` is the time of the server at
 * the snapshot, from which a client knows how far its own clock is off; events do not change it.
 */
export const teamState = z.object({ announcements: z.array(announcement), at: instant });
export type TeamState = z.infer<typeof teamState>;
