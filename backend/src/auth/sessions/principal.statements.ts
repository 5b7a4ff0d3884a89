import { statement } from '../../database/sql/statement.js';

/**
 * The role of the user `$2`, where the session `$1` is theirs and still stands at the moment `$3`. Asked for every
 * request and every event: `ended_at` and `disabled` are what a session loses its principal by.
 */
export const FIND_PRINCIPAL = statement(`
  select users.role from sessions join users on users.id = sessions.user_id
  where sessions.id = $1 and users.id = $2 and not users.disabled
    and sessions.ended_at is null and sessions.expires_at > $3`);

/** What is asked of sessions comes as a list of `[id, role]` in JSON: one value, whatever its length. */
const KNOWN = {
  sqlite: '(select value ->> 0 as id, value ->> 1 as role from json_each($1)) as known',
  postgresql: '(select (value ->> 0)::uuid as id, value ->> 1 as role from json_array_elements($1::json)) as known',
};
const ofKnown = (write: (known: string) => string) =>
  statement({ sqlite: write(KNOWN.sqlite), postgresql: write(KNOWN.postgresql) });

/** Those of the sessions in the list `$1` that are not what they are believed to be at the moment `$2`. */
export const FIND_CHANGED = ofKnown(
  (known) => `
    select known.id as session_id, users.id as user_id, users.role as role
    from ${known}
    left join sessions on sessions.id = known.id and sessions.ended_at is null and sessions.expires_at > $2
    left join users on users.id = sessions.user_id and not users.disabled
    where users.role is null or users.role <> known.role`,
);

/** When the first of the sessions in the list `$1` is over, of those that stand at the moment `$2`. */
export const FIND_FIRST_END = ofKnown(
  (known) => `
    select min(sessions.expires_at) as first
    from ${known} join sessions on sessions.id = known.id
    where sessions.expires_at > $2`,
);
