import { statement } from '../database/statement.js';

export const READ_EPOCH = statement(`select value as epoch from meta where key = 'epoch'`);

/** Where streams stand, given as a JSON list of names. */
export const READ_HEADS = statement({
  sqlite: 'select stream, seq, kept_after from stream_heads where stream in (select value from json_each($1))',
  postgresql:
    'select stream, seq, kept_after from stream_heads where stream in (select json_array_elements_text($1::json))',
});

/** `[process, n, at, data]` */
export const INSERT_ROW = statement('insert into journal (process, n, at, data) values ($1, $2, $3, $4)');

/** Whether a row was committed whose commit was not heard of. */
export const FIND_ROW = statement('select at from journal where process = $1 and n = $2');

/** The rows of a process from `n` on. */
export const READ_ROWS = statement('select at, data from journal where process = $1 and n >= $2 order by n');

/** Runs that stand as running, and where their deltas begin. */
export const RUNNING_RUNS = statement(
  `select id, message_id, conversation_id, journal, journal_from from runs where status = 'running'`,
);

/**
 * The deltas of a conversation after `seq`, in order, of runs that run or have ended since a moment:
 * `[conversationId, seq, since, limit]`.
 */
export const DELTAS_AFTER = statement({
  postgresql: `
    select runs.id as run_id, runs.message_id, delta.value ->> 1 as seq, journal.at, delta.value ->> 2 as "offset",
      delta.value ->> 3 as text
    from runs
    join journal on journal.process = runs.journal and journal.n >= runs.journal_from
    cross join lateral json_array_elements(journal.data::json) as delta(value)
    where runs.conversation_id = $1 and (runs.status = 'running' or runs.finished_at > $3)
      and delta.value ->> 0 = runs.id::text and (delta.value ->> 1)::bigint > $2
    order by (delta.value ->> 1)::bigint limit $4`,
  sqlite: `
    select runs.id as run_id, runs.message_id, delta.value ->> 1 as seq, journal.at, delta.value ->> 2 as "offset",
      delta.value ->> 3 as text
    from runs
    join journal on journal.process = runs.journal and journal.n >= runs.journal_from
    join json_each(journal.data) as delta
    where runs.conversation_id = $1 and (runs.status = 'running' or runs.finished_at > $3)
      and delta.value ->> 0 = runs.id and delta.value ->> 1 > $2
    order by delta.value ->> 1 limit $4`,
});

/** The texts of a run's deltas, in order: `[runId]`. */
export const RUN_TEXTS = statement({
  postgresql: `
    select delta.value ->> 3 as text
    from runs
    join journal on journal.process = runs.journal and journal.n >= runs.journal_from
    cross join lateral json_array_elements(journal.data::json) as delta(value)
    where runs.id = $1 and delta.value ->> 0 = runs.id::text
    order by journal.n`,
  sqlite: `
    select delta.value ->> 3 as text
    from runs
    join journal on journal.process = runs.journal and journal.n >= runs.journal_from
    join json_each(journal.data) as delta
    where runs.id = $1 and delta.value ->> 0 = runs.id
    order by journal.n`,
});

/** The processes that have rows in the journal. */
export const JOURNAL_PROCESSES = statement('select distinct process from journal');

/** From where on the rows of a process are held by runs that still run. */
export const HELD_FROM = statement(`select min(journal_from) as n from runs where status = 'running' and journal = $1`);

/** Of the oldest rows of a process the newest that was written before a moment: `[process, before, limit]`. */
export const OLDEST_BEFORE = statement(
  'select max(n) as n from (select n, at from journal where process = $1 order by n limit $3) as oldest where at < $2',
);

/** Drops rows of a process from the front, up to `n`: `[process, n]`. */
export const DROP_ROWS = statement('delete from journal where process = $1 and n <= $2');
