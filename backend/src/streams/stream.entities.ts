import { defineEntity, p } from '@mikro-orm/core';

export const StreamHeadSchema = defineEntity({
  name: 'StreamHead',
  tableName: 'stream_heads',
  properties: {
    stream: p.string().length(100).primary(),
    /** The number of the newest event. */
    seq: p.bigint('number'),
    /** Events up to this number may have been deleted: a cursor before it gets a snapshot. */
    keptAfter: p.bigint('number'),
  },
});

/** The head of a stream. Raising `seq` locks the row, so that the writers of one stream take turns (`L1`). */
export class StreamHead extends StreamHeadSchema.class {}
StreamHeadSchema.setClass(StreamHead);

export const StreamEventSchema = defineEntity({
  name: 'StreamEventRow',
  tableName: 'stream_events',
  properties: {
    stream: p.string().length(100).primary(),
    seq: p.bigint('number').primary(),
    type: p.string().length(40),
    at: p.bigint('number').index(),
    /** JSON as text: it is only read as a whole, and `jsonb` refuses some characters that a model may send. */
    data: p.text(),
  },
});

const JournalRowSchema = defineEntity({
  name: 'JournalRow',
  tableName: 'journal',
  properties: {
    /** The process that wrote the row: a random number, generated when the process starts. */
    process: p.integer().primary(),
    /** Counts the commits of the process, without gaps. */
    n: p.bigint('number').primary(),
    at: p.bigint('number'),
    /** A JSON list of `[run, seq, offset, text]`, see `JournalEntry`; as text, for the same reason as above. */
    data: p.text(),
  },
});

/** The deltas that all runs of a process wrote in one commit: the events `run.delta`, which are in no other table. */
export class JournalRow extends JournalRowSchema.class {}
JournalRowSchema.setClass(JournalRow);

/** One event, exactly as it was published and may be replayed. */
export class StreamEventRow extends StreamEventSchema.class {}
StreamEventSchema.setClass(StreamEventRow);
