import { m } from '#lib/language/admin-messages.svelte.ts';
import { localeInView } from '#lib/language/messages.svelte.ts';
import { type AdminAnnouncement, ROLES, type Tone } from '#protocol';
import { roleWord } from '../format-role.ts';

const BEGINNING_LENGTH = 80;

/** The beginning of a text in one line. */
export function beginningOf(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  const characters = [...line];
  return characters.length <= BEGINNING_LENGTH ? line : `${characters.slice(0, BEGINNING_LENGTH - 1).join('')}…`;
}

/** Roles within a sentence: "user and admin". */
export const roleList = (roles: readonly string[]): string =>
  new Intl.ListFormat(localeInView(), { type: 'conjunction' }).format(roles.map(roleWord));

export const audienceText = (roles: AdminAnnouncement['roles']): string =>
  roles.length === ROLES.length ? m.announcements_for_all() : m.announcements_for({ roles: roleList(roles) });

export const toneName = (tone: Tone): string => m[`announcements_tone_${tone}`]();

/** Whether an announcement is shown at the time `now`, and otherwise why not; `at` is in milliseconds since 1970. */
export function standingOf(
  { endsAt, withdrawnAt }: AdminAnnouncement,
  now: number,
): { readonly kind: 'stands' | 'ended' | 'withdrawn'; readonly at: number | null } {
  const hasEnded = endsAt !== null && endsAt <= (withdrawnAt ?? now);
  if (hasEnded) return { kind: 'ended', at: endsAt };
  return withdrawnAt === null ? { kind: 'stands', at: endsAt } : { kind: 'withdrawn', at: withdrawnAt };
}
