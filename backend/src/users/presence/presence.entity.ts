import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../user.entity.js';

const PresenceSchema = defineEntity({
  name: 'PresenceRow',
  tableName: 'presence',
  properties: {
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(false).primary(),
    /** The server process that holds the sockets. */
    processId: p.uuid().primary(),
    /** By the database's clock; renewed by the process as long as it lives. */
    seenAt: p.bigint('number').index(),
    /** Those of the user there; 0 for one who left a moment ago, and may come back. */
    sockets: p.integer().default(1),
  },
});

/** A user has an open tab on this server process. Rows of a process that died are cleared by the others. */
export class PresenceRow extends PresenceSchema.class {}
PresenceSchema.setClass(PresenceRow);
