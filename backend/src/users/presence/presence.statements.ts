import { statement } from '../../database/sql/statement.js';

/*
 * Heartbeats use the clock of the database, in milliseconds since 1970, because the clocks of processes may differ.
 * Users are given as a JSON list of `[userId, sockets]`.
 */
const SQLITE_NOW = `cast(unixepoch('subsec') * 1000 as integer)`;
const POSTGRES_NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

/** Adds users to the process `$1`: `[processId, users]`. */
export const INSERT_PRESENCE = statement({
  sqlite: `
    insert into presence (user_id, process_id, seen_at, sockets)
    select value ->> 0, $1, ${SQLITE_NOW}, value ->> 1 from json_each($2)`,
  postgresql: `
    insert into presence (user_id, process_id, seen_at, sockets)
    select (value ->> 0)::uuid, $1::uuid, ${POSTGRES_NOW}, (value ->> 1)::int from json_array_elements($2::json)`,
});

/** Writes the heartbeat of the process `$1` and its numbers of sockets; returns the users that have a row. */
export const RENEW_PRESENCE = statement({
  sqlite: `
    update presence set seen_at = ${SQLITE_NOW}, sockets = here.value ->> 1 from json_each($2) as here
    where process_id = $1 and user_id = here.value ->> 0 returning user_id`,
  postgresql: `
    update presence set seen_at = ${POSTGRES_NOW}, sockets = (here.value ->> 1)::int
    from json_array_elements($2::json) as here
    where process_id = $1::uuid and user_id = (here.value ->> 0)::uuid returning user_id`,
});

/** The users of processes without a heartbeat for `$1` milliseconds. */
export const FIND_DEAD_PRESENCE = statement({
  sqlite: `select distinct user_id from presence where seen_at < ${SQLITE_NOW} - $1`,
  postgresql: `select distinct user_id from presence where seen_at < ${POSTGRES_NOW} - $1::bigint`,
});

/** Removes the rows of such processes for the users in the list `$2`: `[ms, userIds]`. */
export const REMOVE_DEAD_PRESENCE = statement({
  sqlite: `
    delete from presence
    where seen_at < ${SQLITE_NOW} - $1 and user_id in (select value from json_each($2))`,
  postgresql: `
    delete from presence
    where seen_at < ${POSTGRES_NOW} - $1::bigint
      and user_id in (select json_array_elements_text($2::json)::uuid)`,
});

/** The numbers of connected users and of sockets, on processes with a heartbeat in the last `$1` milliseconds. */
export const COUNT_CONNECTED = statement({
  sqlite: `
    select count(distinct user_id) as users, coalesce(sum(sockets), 0) as sockets from presence
    where sockets > 0 and seen_at >= ${SQLITE_NOW} - $1`,
  postgresql: `
    select count(distinct user_id) as users, coalesce(sum(sockets), 0) as sockets from presence
    where sockets > 0 and seen_at >= ${POSTGRES_NOW} - $1::bigint`,
});
