import { statement } from '../../database/sql/statement.js';

/**
 * Moves heads forward, each as `[stream, by, floor]` in JSON, and says where they stand now and in which epoch. Other
 * writers of these streams wait for the commit; streams go in the order of their names, so that two transactions that
 * touch the same ones cannot wait for each other.
 *
 * `floor` is where the stream stands by what this process has journaled; a stream that has a floor has a row. The
 * column `kept_after` of the proposed row only carries it: a row that is there keeps its own.
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
