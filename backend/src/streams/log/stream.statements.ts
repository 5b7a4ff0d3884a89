import { statement } from '../../database/sql/statement.js';

/**
 * Raises heads, each given as `[stream, by, floor]` in JSON; returns the new heads and the epoch. Other writers of the
 * streams wait for the commit. Rows are locked in the order of their names, so that two transactions cannot deadlock.
 *
 * `floor` is the head of the stream by the journal of this process (SQLite only); a stream with a floor has a row. The
 * column `kept_after` of the inserted row only transports it: an existing row keeps its own value.
 */
export const RAISE_HEADS = statement({
  sqlite: `
    insert into stream_heads (stream, seq, kept_after)
    select value ->> 0, value ->> 1, value ->> 2 from json_each($1) where true
    on conflict (stream) do update set seq = max(stream_heads.seq, excluded.kept_after) + excluded.seq
    returning stream, seq, (select value from meta where key = 'epoch') as epoch`,
  postgresql: `
    insert into stream_heads (stream, seq, kept_after)
    select value ->> 0, (value ->> 1)::bigint, 0 from json_array_elements($1::json) order by 1
    on conflict (stream) do update set seq = stream_heads.seq + excluded.seq
    returning stream, seq, (select value from meta where key = 'epoch') as epoch`,
});

/** Writes numbered events, each as `[stream, seq, type, at, data]` in JSON; `data` is itself JSON text. */
export const INSERT_EVENTS = statement({
  sqlite: `
    insert into stream_events (stream, seq, type, at, data)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 from json_each($1)`,
  postgresql: `
    insert into stream_events (stream, seq, type, at, data)
    select value ->> 0, (value ->> 1)::bigint, value ->> 2, (value ->> 3)::bigint, value ->> 4
    from json_array_elements($1::json)`,
});

/** The events of the stream `$1` after `$2`, at most `$3`. */
export const READ_EVENTS = statement(
  'select seq, type, at, data from stream_events where stream = $1 and seq > $2 order by seq limit $3',
);
