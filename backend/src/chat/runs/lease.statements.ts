import { statement } from '../../database/sql/statement.js';

/*
 * Leases use the clock of the database, in milliseconds since 1970, because the clocks of processes may differ.
 */
const SQLITE_NOW = `cast(unixepoch('subsec') * 1000 as integer)`;
const POSTGRES_NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

/**
 * The running ones of the runs in a JSON list of ids, with their fence and the rest of their lease in milliseconds. On
 * PostgreSQL they are locked, so that no other process can end them before the end of the transaction.
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
 * Extends the leases of the runs in a JSON list of ids to `ms` milliseconds from now: `[ids, ms]`. Rows that another
 * transaction has locked are skipped until the next renewal.
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
 * Runs whose lease has expired; `$1` is the duration of a lease. A lease that ends later than that was given before the
 * clock of the database was set back: it counts as expired too, since a living owner renews it.
 */
export const EXPIRED_RUNS = statement({
  sqlite: `
    select id, lease_until from runs
    where status = 'running' and (lease_until < ${SQLITE_NOW} or lease_until > ${SQLITE_NOW} + $1)`,
  postgresql: `
    select id, lease_until from runs
    where status = 'running' and (lease_until < ${POSTGRES_NOW} or lease_until > ${POSTGRES_NOW} + $1::int)`,
});

/** Running runs of all processes but one: `[ownerId]`. */
export const OTHERS_RUNS = statement(`select id, lease_until from runs where status = 'running' and owner_id <> $1`);
