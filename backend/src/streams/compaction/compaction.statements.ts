import { statement } from '../../database/sql/statement.js';

/** The oldest events from before the time `$1`: at most `$2` of them, after skipping `$3`. */
export const OLDEST_EVENTS = statement(
  'select stream, seq from stream_events where at < $1 order by at limit $2 offset $3',
);

/**
 * Locks the heads of the streams in the list `$1`. Heads that another transaction has locked are skipped: compaction
 * does not wait for writers, and its next round finds these streams again.
 */
export const TAKE_HEADS = statement({
  sqlite: 'select stream from stream_heads where stream in (select value from json_each($1))',
  postgresql: `
    select stream from stream_heads where stream = any (array(select json_array_elements_text($1::json)))
    order by stream for update skip locked`,
});

/** Records for each `[stream, seq]` in the list `$1` that the events of the stream up to `seq` are deleted. */
export const RAISE_KEPT_AFTER = statement({
  sqlite: `
    update stream_heads set kept_after = old.value ->> 1 from json_each($1) as old
    where stream_heads.stream = old.value ->> 0 and stream_heads.kept_after < old.value ->> 1`,
  postgresql: `
    update stream_heads set kept_after = (old.value ->> 1)::bigint from json_array_elements($1::json) as old
    where stream_heads.stream = old.value ->> 0 and stream_heads.kept_after < (old.value ->> 1)::bigint`,
});

/** Deletes the events of each `[stream, seq]` in the list `$1` up to `seq`. */
export const DROP_EVENTS = statement({
  sqlite: `
    delete from stream_events where (stream, seq) in (
      select event.stream, event.seq from json_each($1) as old
      cross join stream_events as event on event.stream = old.value ->> 0 and event.seq <= old.value ->> 1)`,
  postgresql: `
    delete from stream_events using json_array_elements($1::json) as old
    where stream_events.stream = old.value ->> 0 and stream_events.seq <= (old.value ->> 1)::bigint`,
});
