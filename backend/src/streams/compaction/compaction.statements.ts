import { statement } from '../../database/sql/statement.js';

/** The oldest events from before `$1`, at most `$2`, behind the first `$3`. */
export const OLDEST_EVENTS = statement(
  'select stream, seq from stream_events where at < $1 order by at limit $2 offset $3',
);

/**
 * Takes the heads of the streams in the list `$1`. Those that are being written are left out: compaction waits for
 * nobody, and its next round finds them again.
 */
export const TAKE_HEADS = statement({
  sqlite: 'select stream from stream_heads where stream in (select value from json_each($1))',
  postgresql: `
    select stream from stream_heads where stream = any (array(select json_array_elements_text($1::json)))
    order by stream for update skip locked`,
});

/** Remembers of streams, each as `[stream, seq]` in the list `$1`, that their events up to that number are gone. */
export const RAISE_KEPT_AFTER = statement({
  sqlite: `
    update stream_heads set kept_after = old.value ->> 1 from json_each($1) as old
    where stream_heads.stream = old.value ->> 0 and stream_heads.kept_after < old.value ->> 1`,
  postgresql: `
    update stream_heads set kept_after = (old.value ->> 1)::bigint from json_array_elements($1::json) as old
    where stream_heads.stream = old.value ->> 0 and stream_heads.kept_after < (old.value ->> 1)::bigint`,
});

/** Drops them. */
export const DROP_EVENTS = statement({
  sqlite: `
    delete from stream_events where (stream, seq) in (
      select event.stream, event.seq from json_each($1) as old
      cross join stream_events as event on event.stream = old.value ->> 0 and event.seq <= old.value ->> 1)`,
  postgresql: `
    delete from stream_events using json_array_elements($1::json) as old
    where stream_events.stream = old.value ->> 0 and stream_events.seq <= (old.value ->> 1)::bigint`,
});
