import { statement } from '../../database/sql/statement.js';

const kept = `
  select runs.id, user_id, users.name, users.email, model, runs.created_at, conversation_id
  from runs join users on users.id = runs.user_id where status = 'running'`;
const unkept = `
  select unkept_runs.id, user_id, users.name, users.email, model, unkept_runs.created_at, null
  from unkept_runs join users on users.id = unkept_runs.user_id`;

/** The active runs of both kinds, the longest-running first, at most `$1`. */
export const LIST_ACTIVE = statement(`${kept} union all ${unkept} order by 6, 1 limit $1`);

/** Those of the list `$1` that are active. */
export const ACTIVE_AMONG = statement({
  sqlite: `
    ${kept} and runs.id in (select value from json_each($1))
    union all ${unkept} where unkept_runs.id in (select value from json_each($1))`,
  postgresql: `
    ${kept} and runs.id = any (array(select json_array_elements_text($1::json)::uuid))
    union all ${unkept} where unkept_runs.id = any (array(select json_array_elements_text($1::json)::uuid))`,
});

export const COUNT_ALL_ACTIVE = statement(`
  select (select count(*) from runs where status = 'running') + (select count(*) from unkept_runs) as active`);

/**
 * Makes writers of `runs.changed` take turns, so that a later event has read a later state. SQLite has only one writer
 * anyway, and there is nothing to wait for.
 */
export const TAKE_TURN = statement({
  sqlite: 'select 1 as turn',
  postgresql: `select pg_advisory_xact_lock(hashtextextended('runs.changed', 0))`,
});
