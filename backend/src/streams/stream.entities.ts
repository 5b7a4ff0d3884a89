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

/** One event, as it was told and will be told again. */
export class StreamEventRow extends StreamEventSchema.class {}
StreamEventSchema.setClass(StreamEventRow);
