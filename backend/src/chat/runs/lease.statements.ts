import { statement } from '../../database/sql/statement.js';

/*
 * Leases go by the database's clock, in milliseconds since 1970: the processes' own clocks may differ.
 */
const SQLITE_NOW = `cast(unixepoch('subsec') * 1000 as integer)`;
const POSTGRES_NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

/**
 * Of the runs in a JSON list of ids those that still run: their fence, and for how long their lease still holds. On
 * PostgreSQL another process cannot end them before the transaction is over.
 *
 * `cross join` keeps SQLite from looping over all running runs and through the list for each: 73 us for 9 of 100.
 */
export const RUNNING_AMONG = statement({
  sqlite: `
    select runs.id, runs.fence, runs.lease_until - ${SQLITE_NOW} as left_ms
    from json_each($1) as claim cross join runs on runs.id = claim.value where runs.status = 'running'`,
  postgresql: `
    select runs.id, runs.fence, runs.lease_until - ${POSTGRES_NOW} as left_ms
    from runs where runs.id in (select json_array_elements_text($1::json)::uuid) and runs.status = 'running'
    order by runs.id for share`,
});

/**
 * Lets the leases of the runs in a JSON list of ids hold for so many milliseconds from now: `[ids, ms]`. One that another
 * transaction has locked meanwhile is left to the next time.
 */
export const RENEW_LEASES = statement({
  sqlite: `update runs set lease_until = ${SQLITE_NOW} + $2 where id in (select value from json_each($1))`,
  postgresql: `
    with free as materialized (
      select id from runs where id in (select json_array_elements_text($1::json)::uuid) for no key update skip locked
    )
    update runs set lease_until = ${POSTGRES_NOW} + $2::int from free where runs.id = free.id`,
});

/**
 * Runs whose lease is over, `$1` being how long one lasts. One that holds for longer was given before the database's clock
 * went back: whoever lives renews it.
 */
export const EXPIRED_RUNS = statement({
  sqlite: `
    select id, lease_until from runs
    where status = 'running' and (lease_until < ${SQLITE_NOW} or lease_until > ${SQLITE_NOW} + $1)`,
  postgresql: `
    select id, lease_until from runs
    where status = 'running' and (lease_until < ${POSTGRES_NOW} or lease_until > ${POSTGRES_NOW} + $1::int)`,
});

/** Runs of other processes than one: `[ownerId]`. */
export const OTHERS_RUNS = statement(`select id, lease_until from runs where status = 'running' and owner_id <> $1`);
