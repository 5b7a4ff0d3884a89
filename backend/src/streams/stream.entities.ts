import { defineEntity, p } from '@mikro-orm/core';

const StreamHeadSchema = defineEntity({
  name: 'StreamHead',
  tableName: 'stream_heads',
  properties: {
    stream: p.string().length(100).primary(),
    /** The newest event's number. */
    seq: p.bigint('number'),
    /** Events up to this number may be gone: a cursor before it gets a snapshot. */
    keptAfter: p.bigint('number'),
  },
});

/** Where a stream stands. Raising `seq` locks the row: writers of one stream take turns (`L1`). */
export class StreamHead extends StreamHeadSchema.class {}
StreamHeadSchema.setClass(StreamHead);

const StreamEventSchema = defineEntity({
  name: 'StreamEventRow',
  tableName: 'stream_events',
  properties: {
    stream: p.string().length(100).primary(),
    seq: p.bigint('number').primary(),
    type: p.string().length(40),
    at: p.bigint('number').index(),
    /** JSON as text: read and written whole, and `jsonb` would refuse some characters that a model may send. */
    data: p.text(),
  },
});

const JournalRowSchema = defineEntity({
  name: 'JournalRow',
  tableName: 'journal',
  properties: {
    /** The process that wrote it, by a number that it drew when it started. */
    process: p.integer().primary(),
    /** Counts the commits of the process, without holes. */
    n: p.bigint('number').primary(),
    at: p.bigint('number'),
    /** A JSON list of `[run, seq, offset, text]`, see `JournalEntry`. As text, because `jsonb` would refuse what a model may send. */
    data: p.text(),
  },
});

/** What all runs of a process have said between two commits: the events `run.delta`, which are in no other table. */
export class JournalRow extends JournalRowSchema.class {}
JournalRowSchema.setClass(JournalRow);

/** One event, as it was told and will be told again. */
export class StreamEventRow extends StreamEventSchema.class {}
StreamEventSchema.setClass(StreamEventRow);
