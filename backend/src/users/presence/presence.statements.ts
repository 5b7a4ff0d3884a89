import { statement } from '../../database/sql/statement.js';

/*
 * What processes say of themselves goes by the database's clock, in milliseconds since 1970: their own may differ.
 * People come as a JSON list of `[userId, sockets]`.
 */
const SQLITE_NOW = `cast(unixepoch('subsec') * 1000 as integer)`;
const POSTGRES_NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

/** Says that people have come to the process `$1`: `[processId, people]`. */
export const INSERT_PRESENCE = statement({
  sqlite: `
    insert into presence (user_id, process_id, seen_at, sockets)
    select value ->> 0, $1, ${SQLITE_NOW}, value ->> 1 from json_each($2)`,
  postgresql: `
    insert into presence (user_id, process_id, seen_at, sockets)
    select (value ->> 0)::uuid, $1::uuid, ${POSTGRES_NOW}, (value ->> 1)::int from json_array_elements($2::json)`,
});

/** Says that the process `$1` lives, and how many sockets its people have; answers with those who have a row. */
export const RENEW_PRESENCE = statement({
  sqlite: `
    update presence set seen_at = ${SQLITE_NOW}, sockets = here.value ->> 1 from json_each($2) as here
    where process_id = $1 and user_id = here.value ->> 0 returning user_id`,
  postgresql: `
    update presence set seen_at = ${POSTGRES_NOW}, sockets = (here.value ->> 1)::int
    from json_array_elements($2::json) as here
    where process_id = $1::uuid and user_id = (here.value ->> 0)::uuid returning user_id`,
});

/** Whom processes hold that have not been heard of for `$1` milliseconds. */
export const FIND_DEAD_PRESENCE = statement({
  sqlite: `select distinct user_id from presence where seen_at < ${SQLITE_NOW} - $1`,
  postgresql: `select distinct user_id from presence where seen_at < ${POSTGRES_NOW} - $1::bigint`,
});

/** Removes what such processes say of the users in the list `$2`: `[ms, userIds]`. */
export const REMOVE_DEAD_PRESENCE = statement({
  sqlite: `
    delete from presence
    where seen_at < ${SQLITE_NOW} - $1 and user_id in (select value from json_each($2))`,
  postgresql: `
    delete from presence
    where seen_at < ${POSTGRES_NOW} - $1::bigint
      and user_id in (select json_array_elements_text($2::json)::uuid)`,
});

/** How many people have an open socket, and how many sockets there are, on processes that were heard of within `$1` ms. */
export const COUNT_CONNECTED = statement({
  sqlite: `
    select count(distinct user_id) as users, coalesce(sum(sockets), 0) as sockets from presence
    where sockets > 0 and seen_at >= ${SQLITE_NOW} - $1`,
  postgresql: `
    select count(distinct user_id) as users, coalesce(sum(sockets), 0) as sockets from presence
    where sockets > 0 and seen_at >= ${POSTGRES_NOW} - $1::bigint`,
});
