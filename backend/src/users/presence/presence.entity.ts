import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../user.entity.js';

const PresenceSchema = defineEntity({
  name: 'PresenceRow',
  tableName: 'presence',
  properties: {
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(false).primary(),
    /** The server process that has the sockets. */
    processId: p.uuid().primary(),
    /** The last heartbeat of the process, by the database's clock. */
    seenAt: p.bigint('number').index(),
    /** The number of the user's sockets on the process; 0 shortly after the last one was closed. */
    sockets: p.integer().default(1),
  },
});

/** A user with an open tab on a server process. The rows of a dead process are removed by the others. */
export class PresenceRow extends PresenceSchema.class {}
PresenceSchema.setClass(PresenceRow);
