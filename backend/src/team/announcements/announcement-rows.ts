import { toJson, toNumber, toNumberOrNull } from '../../database/sql/sql-values.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import type { AdminAnnouncement, Announcement as AnnouncementView, Role, Tone } from '../../protocol/index.js';
import type { Announcement } from './announcement.entity.js';
import { READ_DISMISSED, READ_STANDING_ANNOUNCEMENTS } from './announcement.statements.js';

/** An announcement as its readers see it. */
export const viewAnnouncement = ({
  id,
  text,
  tone,
  endsAt,
  createdAt,
}: Pick<Announcement, 'id' | 'text' | 'tone' | 'endsAt' | 'createdAt'>): AnnouncementView => ({
  id,
  text,
  tone,
  endsAt: endsAt ?? null,
  createdAt,
});

/** An announcement as admins see it. */
export const viewAdminAnnouncement = (announcement: Announcement): AdminAnnouncement => ({
  ...viewAnnouncement(announcement),
  roles: announcement.roles,
  authorEmail: announcement.authorEmail ?? null,
  withdrawnAt: announcement.withdrawnAt ?? null,
});

/** The announcements for a role that stand at the time `now`, oldest first; without a role, those for anybody. */
export async function readStanding(
  transaction: RunsStatements,
  now: number,
  role?: Role,
): Promise<readonly AnnouncementView[]> {
  const rows = await transaction.all(READ_STANDING_ANNOUNCEMENTS, [now]);
  const isFor = (roles: readonly Role[]): boolean => role === undefined || roles.includes(role);
  return rows
    .filter((row) => isFor(toJson(row['roles']) as readonly Role[]))
    .map((row) => ({
      id: row['id'] as string,
      text: row['text'] as string,
      tone: row['tone'] as Tone,
      endsAt: toNumberOrNull(row['ends_at']),
      createdAt: toNumber(row['created_at']),
    }));
}

/** The ids of the announcements that the user has closed, sorted. */
export async function readDismissed(transaction: RunsStatements, userId: string): Promise<string[]> {
  const rows = await transaction.all(READ_DISMISSED, [userId]);
  return rows.map((row) => row['announcement_id'] as string);
}
