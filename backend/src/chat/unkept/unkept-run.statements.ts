import { statement } from '../../database/sql/statement.js';

/** The number of active runs of the user `$1`, of both kinds. */
export const COUNT_ACTIVE = statement(`
  select (select count(*) from runs where user_id = $1 and status = 'running')
    + (select count(*) from unkept_runs where user_id = $1) as active`);

/* A transaction may run again although it was committed, so the second insertion of a row changes nothing. */

export const INSERT_UNKEPT = statement(`
  insert into unkept_runs (id, user_id, model, request_id, lease_until, created_at, reserved_tokens,
    reserved_micros)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (id) do nothing`);

/**
 * The end as its worker knows it. It replaces an entry that another process has made of the row; it has no name if the
 * account was deleted meanwhile.
 */
export const INSERT_UNKEPT_USAGE = statement(`
  insert into usage_entries
    (run_id, user_id, model, at, input_tokens, output_tokens, cost_micros, estimated, status, failure, first_token_ms)
  values ($1, (select id from users where id = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11)
  on conflict (run_id) do update set input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
    cost_micros = excluded.cost_micros, estimated = excluded.estimated, status = excluded.status,
    failure = excluded.failure, first_token_ms = excluded.first_token_ms`);

/**
 * Renews the lease of the run `$1`, and stores what it has used so far; no row is returned when the run was removed.
 */
export const RENEW_UNKEPT = statement(`
  update unkept_runs set lease_until = $2, input_tokens = $3, output_tokens = $4, cost_micros = $5
  where id = $1 returning 1 as renewed`);

/** Removes the run `$1`, if it is there, and returns it. */
export const REMOVE_UNKEPT = statement(`
  delete from unkept_runs where id = $1 returning id, user_id, model, input_tokens, output_tokens, cost_micros`);

/** Runs whose lease ended before `$1`. */
export const FADED_UNKEPT = statement('select id, lease_until from unkept_runs where lease_until < $1');

/** Removes the run `$1`, unless its lease `$2` was renewed, and returns it. */
export const REMOVE_FADED = statement(`
  delete from unkept_runs where id = $1 and lease_until = $2
  returning id, user_id, model, input_tokens, output_tokens, cost_micros`);

/** Removes all runs, when the only process of a database starts, and returns them. */
export const REMOVE_ALL = statement(`
  delete from unkept_runs returning id, user_id, model, input_tokens, output_tokens, cost_micros`);
