import type { Announcement } from '#protocol';

/**
 * The announcements to show at the time `now` of the server's clock, newest first; none while it is not known what the
 * user has closed.
 */
export function standingAnnouncements(
  announcements: readonly Announcement[],
  dismissed: readonly string[] | undefined,
  now: number,
): readonly Announcement[] {
  if (dismissed === undefined) return [];
  return announcements
    .filter(({ id, endsAt }) => (endsAt === null || endsAt > now) && !dismissed.includes(id))
    .toReversed();
}

/** When the first of them ends, in milliseconds since 1970; infinite if none does. */
export const firstEnd = (announcements: readonly Announcement[]): number =>
  Math.min(...announcements.map(({ endsAt }) => endsAt ?? Number.POSITIVE_INFINITY));
