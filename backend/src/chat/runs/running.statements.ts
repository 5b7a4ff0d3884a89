import { statement } from '../../database/sql/statement.js';

/** The conversations of the list `$1` with an active run, and the first event of that run. */
export const FIRST_OF_RUNNING = statement({
  sqlite: `
    select conversation_id, min(first_seq) as first_seq from runs
    where status = 'running' and conversation_id in (select value from json_each($1)) group by conversation_id`,
  postgresql: `
    select conversation_id, min(first_seq) as first_seq from runs
    where status = 'running' and conversation_id = any (array(select json_array_elements_text($1::json)::uuid))
    group by conversation_id`,
});
