import { statement } from '../../database/sql/statement.js';

/**
 * The role of the user `$2`, if the session `$1` is theirs and valid at the time `$3`. This runs for every request and
 * every event; a session becomes invalid by `ended_at`, `expires_at` or `disabled`.
 */
export const FIND_PRINCIPAL = statement(`
  select users.role from sessions join users on users.id = sessions.user_id
  where sessions.id = $1 and users.id = $2 and not users.disabled
    and sessions.ended_at is null and sessions.expires_at > $3`);

/** Sessions as a JSON list of `[id, role]`, so that a list of any length is one value. */
const KNOWN = {
  sqlite: '(select value ->> 0 as id, value ->> 1 as role from json_each($1)) as known',
  postgresql: '(select (value ->> 0)::uuid as id, value ->> 1 as role from json_array_elements($1::json)) as known',
};
const ofKnown = (write: (known: string) => string) =>
  statement({ sqlite: write(KNOWN.sqlite), postgresql: write(KNOWN.postgresql) });

/** The sessions of the list `$1` that have ended or have another role at the time `$2`. */
export const FIND_CHANGED = ofKnown(
  (known) => `
    select known.id as session_id, users.id as user_id, users.role as role
    from ${known}
    left join sessions on sessions.id = known.id and sessions.ended_at is null and sessions.expires_at > $2
    left join users on users.id = sessions.user_id and not users.disabled
    where users.role is null or users.role <> known.role`,
);

/** When the first of the sessions of the list `$1` expires after the time `$2`. */
export const FIND_FIRST_END = ofKnown(
  (known) => `
    select min(sessions.expires_at) as first
    from ${known} join sessions on sessions.id = known.id
    where sessions.expires_at > $2`,
);
