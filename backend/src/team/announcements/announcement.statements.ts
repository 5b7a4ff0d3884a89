import { statement } from '../../database/sql/statement.js';

/** The announcements that stand at the time `$1`, oldest first, with their roles as JSON. */
export const READ_STANDING_ANNOUNCEMENTS = statement(`
  select id, text, tone, roles, ends_at, created_at from announcements
  where withdrawn_at is null and (ends_at is null or ends_at > $1) order by id`);

/** The ids of the announcements that the user `$1` has closed. */
export const READ_DISMISSED = statement(`
  select announcement_id from dismissed_announcements where user_id = $1 order by announcement_id`);

/** Notes at the time `$3` that the user `$1` has closed the announcement `$2`; returns no row if that is known. */
export const DISMISS = statement(`
  insert into dismissed_announcements (user_id, announcement_id, dismissed_at) values ($1, $2, $3)
  on conflict do nothing returning announcement_id`);
