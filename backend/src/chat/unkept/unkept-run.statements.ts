import { statement } from '../../database/sql/statement.js';

/** The number of active runs of the user `$1`, of both kinds. */
export const COUNT_ACTIVE = statement(`
  select (select count(*) from runs where user_id = $1 and status = 'running')
    + (select count(*) from unkept_runs where user_id = $1) as active`);

/* A transaction may run again although it was committed, so both insertions change nothing the second time. */

export const INSERT_UNKEPT = statement(`
  insert into unkept_runs (id, user_id, model, request_id, lease_until, created_at) values ($1, $2, $3, $4, $5, $6)
  on conflict (id) do nothing`);

export const INSERT_UNKEPT_USAGE = statement(`
  insert into usage_entries (run_id, user_id, model, at, input_tokens, output_tokens, cost_micros, estimated)
  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (run_id) do nothing`);

/** Renews the lease of the run `$1`; no row is returned when the run was removed. */
export const RENEW_UNKEPT = statement('update unkept_runs set lease_until = $2 where id = $1 returning 1 as renewed');

export const REMOVE_UNKEPT = statement('delete from unkept_runs where id = $1 returning 1 as gone');

/** Runs whose lease ended before `$1`. */
export const FADED_UNKEPT = statement('select id, lease_until from unkept_runs where lease_until < $1');

/** Removes the run `$1`, unless its lease `$2` was renewed. */
export const REMOVE_FADED = statement(`
  delete from unkept_runs where id = $1 and lease_until = $2 returning id, user_id, model`);

/** Removes all runs, when the only process of a database starts. */
export const REMOVE_ALL = statement('delete from unkept_runs returning id, user_id, model');
