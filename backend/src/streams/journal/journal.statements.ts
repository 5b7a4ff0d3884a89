import { statement } from '../../database/sql/statement.js';

export const READ_EPOCH = statement(`select value as epoch from meta where key = 'epoch'`);

/** The heads of the streams in a JSON list of names. */
export const READ_HEADS = statement({
  sqlite: 'select stream, seq, kept_after from stream_heads where stream in (select value from json_each($1))',
  postgresql:
    'select stream, seq, kept_after from stream_heads where stream in (select json_array_elements_text($1::json))',
});

/** `[process, n, at, data]` */
export const INSERT_ROW = statement('insert into journal (process, n, at, data) values ($1, $2, $3, $4)');

/**
 * The whole transaction of a commit on PostgreSQL: `[process, n, at, claims]`. A claim is `[runId, fence]` in JSON,
 * followed by `number, stream, offset, text` if it has text; the text is itself JSON text, which is written unchanged.
 * Returns one row for each claim: whether this process owns the run, how long its lease still lasts in milliseconds,
 * and the number of its delta, if it was written. `again` says that a run was skipped and must be tried again.
 *
 * The steps depend on each other in the order in which locks must be taken: runs, so that no other process ends them
 * before the commit (`L7`); then heads; then the row. A run whose row or head is locked by another transaction is
 * skipped, because waiting for it would delay all others. `again` is only evaluated for skipped runs, by their key; a
 * subquery with `exists` might be executed for all runs. The outer joins keep the planner from comparing every run with
 * every other. The statement sends no notification: see `NotifyBus`.
 */
export const WRITE_DELTAS = statement({
  // SQLite uses separate statements, since it needs no round trips.
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

/** The row of a commit in doubt, if it was committed: `[process, n]`. */
export const FIND_ROW = statement(
  `select at, data, (select value from meta where key = 'epoch') as epoch from journal where process = $1 and n = $2`,
);

/**
 * The streams whose head differs from the given one; they are given as a JSON list of `[stream, seq]`. Every row has
 * the epoch, and there is always at least one row.
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

/** The runs with the status `running`, and where their deltas begin. */
export const RUNNING_RUNS = statement(
  `select id, message_id, conversation_id, journal, journal_from, journal_run from runs where status = 'running'`,
);

/**
 * The deltas of a conversation after `seq`, in order, of runs that are running or ended after the time `since`:
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

/** The processes that have rows in the journal. It jumps from key to key instead of scanning all rows. */
export const JOURNAL_PROCESSES = statement(`
  with recursive processes (process) as (
    select min(process) from journal
    union all
    select (select min(journal.process) from journal where journal.process > processes.process)
    from processes where processes.process is not null
  )
  select process from processes where process is not null`);

/** The first row of a process that a running run still needs. */
export const HELD_FROM = statement(`select min(journal_from) as n from runs where status = 'running' and journal = $1`);

/**
 * The oldest rows of a process after `n`: `[process, n, limit]`. Starting after the deleted rows saves PostgreSQL from
 * scanning their dead tuples until the next vacuum.
 */
export const OLDEST_ROWS = statement(
  'select n, at, data from journal where process = $1 and n > $2 order by n limit $3',
);

/** Deletes the rows of a process after `after`, up to and including `upTo`: `[process, after, upTo]`. */
export const DROP_ROWS = statement('delete from journal where process = $1 and n > $2 and n <= $3');

/**
 * Records that the deltas of runs up to certain numbers are deleted, so that an older cursor gets a snapshot:
 * `[process, list]`, where the list has `[run, seq]` in JSON.
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
