import { statement } from '../database/sql/statement.js';

/**
 * A window that ends later than a new one would was begun before the clock was set back. It does not count, or a limit
 * would last as long as the step. The clocks of two processes differ by less than this, in milliseconds.
 */
const SKEW_MS = 5_000;

const isOpen = `rate_limits.expires_at > $2 and rate_limits.expires_at <= excluded.expires_at + ${SKEW_MS}`;

/**
 * Adds points to the windows of `$1`, a JSON list of `{key, points, expires_at}`, and begins those that are not open at
 * `$2`. Returns all of them. The keys are different and in order: otherwise two processes could wait for each other.
 */
export const ADD_POINTS = statement({
  sqlite: `
    insert into rate_limits ("key", points, expires_at)
    select value ->> 'key', value ->> 'points', value ->> 'expires_at' from json_each($1) where true
    ${onConflict()}`,
  postgresql: `
    insert into rate_limits ("key", points, expires_at)
    select "key", points, expires_at
    from jsonb_to_recordset($1::jsonb) as added ("key" text, points int, expires_at bigint) order by "key"
    ${onConflict()}`,
});

function onConflict(): string {
  return `on conflict ("key") do update set
      points = case when ${isOpen} then rate_limits.points else 0 end + excluded.points,
      expires_at = case when ${isOpen} then rate_limits.expires_at else excluded.expires_at end
    returning "key", points, expires_at`;
}

/** Begins a window with a given count, whether one is open or not. */
export const SET_POINTS = statement(`
  insert into rate_limits ("key", points, expires_at) values ($1, $2, $3)
  on conflict ("key") do update set points = excluded.points, expires_at = excluded.expires_at
  returning "key", points, expires_at`);

export const READ_POINTS = statement(
  `select "key", points, expires_at from rate_limits where "key" = $1 and expires_at > $2`,
);

export const REMOVE_POINTS = statement(`delete from rate_limits where "key" = $1 returning 1 as gone`);

/** Removes at most `$2` rows that expired before `$1`, and returns a row for each removed one. */
export const REMOVE_EXPIRED_LIMITS = statement(`
  delete from rate_limits
  where "key" in (select "key" from rate_limits where expires_at < $1 limit $2) returning 1 as gone`);
