import { statement } from '../../database/sql/statement.js';

export const READ_EPOCH = statement(`select value as epoch from meta where key = 'epoch'`);

/** Where streams stand, given as a JSON list of names. */
export const READ_HEADS = statement({
  sqlite: 'select stream, seq, kept_after from stream_heads where stream in (select value from json_each($1))',
  postgresql:
    'select stream, seq, kept_after from stream_heads where stream in (select json_array_elements_text($1::json))',
});

/** `[process, n, at, data]` */
export const INSERT_ROW = statement('insert into journal (process, n, at, data) values ($1, $2, $3, $4)');

/**
 * The whole transaction of a commit on PostgreSQL: `[process, n, at, claims]`, where a claim is
 * `[runId, fence]` in JSON, followed by `number, stream, offset, text` if it has text; the text is itself JSON text,
 * which goes into the row as it is. Answers with one row a claim: whether the run is written, for how long its lease still
 * holds, and the number of its delta; where it is not, whether it is to be tried `again`.
 *
 * The steps depend on each other in the order in which locks must be taken: runs, so that no other process ends them
 * before the commit (`L7`); then heads; then the row. A run whose row or head another transaction has locked is left out:
 * waiting for it would hold up all the others. `again` looks for a run only then, by its key: a subquery with `exists`
 * might be carried out for all runs at once. The outer joins keep the planner from comparing each run with each other
 * one. It notifies no listeners: see `NotifyBus`.
 */
export const WRITE_DELTAS = statement({
  // SQLite does it in steps, which cost nothing there.
  sqlite: 'select $1, $2, $3, $4',
  postgresql: `
    with epoch as materialized (select value from meta where key = 'epoch'),
    claim as materialized (
      select (value ->> 0)::uuid as id, (value ->> 1)::int as fence, value ->> 2 as number, value ->> 3 as stream,
        value ->> 4 as "offset", value ->> 5 as text
      from json_array_elements($4::json)
    ),
    held as materialized (
      select runs.id, runs.fence, runs.lease_until - (extract(epoch from clock_timestamp()) * 1000)::bigint as left_ms
      from runs where runs.id in (select id from claim) and runs.status = 'running' order by runs.id for share skip locked
    ),
    owned as materialized (select * from claim join held using (id, fence) where exists (select from epoch)),
    free as materialized (
      select stream from stream_heads where stream in (select stream from owned where text is not null)
      order by stream for no key update skip locked
    ),
    raised as (
      update stream_heads set seq = stream_heads.seq + 1 from free where stream_heads.stream = free.stream
      returning stream_heads.stream, stream_heads.seq
    ),
    placed as materialized (select * from owned full join raised using (stream)),
    written as (
      insert into journal (process, n, at, data)
      select $1, $2, $3, '[' || string_agg('[' || number || ',' || seq || ',' || "offset" || ',' || text || ']', ',') || ']'
      from placed where seq is not null having count(*) > 0
    )
    select claim.id, placed.id is not null as owned, placed.left_ms, placed.seq, (select value from epoch) as epoch,
      placed.id is null and (select fence from runs where runs.id = claim.id and status = 'running') = claim.fence as again
    from claim full join placed using (id)`,
});

/** A row whose commit was not heard of, if there is one: `[process, n]`. */
export const FIND_ROW = statement(
  `select at, data, (select value from meta where key = 'epoch') as epoch from journal where process = $1 and n = $2`,
);

/**
 * The streams that do not stand where they are thought to, each given as `[stream, seq]` in JSON, and the epoch, in
 * every row and in one row at least.
 */
export const MOVED_HEADS = statement({
  sqlite: `
    select meta.value as epoch, moved.stream, moved.seq from meta left join (
      select stream_heads.stream, stream_heads.seq from json_each($1) as known
      join stream_heads on stream_heads.stream = known.value ->> 0 where stream_heads.seq <> known.value ->> 1
    ) as moved on true where meta.key = 'epoch'`,
  postgresql: `
    select meta.value as epoch, moved.stream, moved.seq from meta left join (
      select stream_heads.stream, stream_heads.seq from json_array_elements($1::json) as known
      join stream_heads on stream_heads.stream = known ->> 0 where stream_heads.seq <> (known ->> 1)::bigint
    ) as moved on true where meta.key = 'epoch'`,
});

/** The rows of a process from `n` on. */
export const READ_ROWS = statement('select at, data from journal where process = $1 and n >= $2 order by n');

/** Runs that stand as running, and where their deltas begin. */
export const RUNNING_RUNS = statement(
  `select id, message_id, conversation_id, journal, journal_from, journal_run from runs where status = 'running'`,
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
      and (delta.value ->> 0)::int = runs.journal_run and (delta.value ->> 1)::bigint > $2
    order by (delta.value ->> 1)::bigint limit $4`,
  sqlite: `
    select runs.id as run_id, runs.message_id, delta.value ->> 1 as seq, journal.at, delta.value ->> 2 as "offset",
      delta.value ->> 3 as text
    from runs
    join journal on journal.process = runs.journal and journal.n >= runs.journal_from
    join json_each(journal.data) as delta
    where runs.conversation_id = $1 and (runs.status = 'running' or runs.finished_at > $3)
      and delta.value ->> 0 = runs.journal_run and delta.value ->> 1 > $2
    order by delta.value ->> 1 limit $4`,
});

/** The texts of a run's deltas, in order: `[runId]`. */
export const RUN_TEXTS = statement({
  postgresql: `
    select delta.value ->> 3 as text
    from runs
    join journal on journal.process = runs.journal and journal.n >= runs.journal_from
    cross join lateral json_array_elements(journal.data::json) as delta(value)
    where runs.id = $1 and (delta.value ->> 0)::int = runs.journal_run
    order by journal.n`,
  sqlite: `
    select delta.value ->> 3 as text
    from runs
    join journal on journal.process = runs.journal and journal.n >= runs.journal_from
    join json_each(journal.data) as delta
    where runs.id = $1 and delta.value ->> 0 = runs.journal_run
    order by journal.n`,
});

/** The processes that have rows in the journal: from one to the next one by the key, whatever the number of rows. */
export const JOURNAL_PROCESSES = statement(`
  with recursive processes (process) as (
    select min(process) from journal
    union all
    select (select min(journal.process) from journal where journal.process > processes.process)
    from processes where processes.process is not null
  )
  select process from processes where process is not null`);

/** From where on the rows of a process are held by runs that still run. */
export const HELD_FROM = statement(`select min(journal_from) as n from runs where status = 'running' and journal = $1`);

/**
 * The oldest rows of a process after `n`: `[process, n, limit]`. Where those before are gone, PostgreSQL need not pass
 * over what is left of them until it is vacuumed.
 */
export const OLDEST_ROWS = statement(
  'select n, at, data from journal where process = $1 and n > $2 order by n limit $3',
);

/** Drops rows of a process after `n` and up to another: `[process, after, upTo]`. */
export const DROP_ROWS = statement('delete from journal where process = $1 and n > $2 and n <= $3');

/**
 * Remembers that the deltas of runs up to some numbers are gone, each as `[run, seq]` in JSON: a cursor from before them
 * leads to a snapshot. `[process, list]`
 */
export const FORGET_DELTAS = statement({
  sqlite: `
    update stream_heads set kept_after = gone.seq
    from (
      select 'conversation:' || runs.conversation_id as stream, max(old.value ->> 1) as seq
      from json_each($2) as old cross join runs on runs.journal = $1 and runs.journal_run = old.value ->> 0
      group by runs.conversation_id
    ) as gone
    where stream_heads.stream = gone.stream and stream_heads.kept_after < gone.seq`,
  postgresql: `
    with gone as materialized (
      select 'conversation:' || runs.conversation_id as stream, max((old.value ->> 1)::bigint) as seq
      from json_array_elements($2::json) as old
      join runs on runs.journal = $1 and runs.journal_run = (old.value ->> 0)::int
      group by runs.conversation_id
    ), locked as (
      select stream from stream_heads where stream in (select stream from gone) order by stream for update
    )
    update stream_heads set kept_after = gone.seq
    from gone join locked on locked.stream = gone.stream
    where stream_heads.stream = gone.stream and stream_heads.kept_after < gone.seq`,
});
