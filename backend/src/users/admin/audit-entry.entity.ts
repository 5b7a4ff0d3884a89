import { defineEntity, p } from '@mikro-orm/core';

const AuditEntrySchema = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit',
  properties: {
    id: p.uuid().primary(),
    at: p.bigint('number').index(),
    // No foreign keys, so that entries stay when the account is deleted.
    actorId: p.uuid().nullable(),
    actorEmail: p.string().length(320).nullable(),
    action: p.string().length(100),
    targetId: p.uuid().nullable(),
    targetEmail: p.string().length(320).nullable(),
    /** The IP address and the request id of the act; the command line has neither. */
    address: p.string().length(45).nullable(),
    requestId: p.string().length(64).nullable(),
    detail: p.json().$type<Record<string, unknown>>(),
  },
});

/** An administrative act, written in the transaction of the act itself (`A5`), or one that was refused. */
export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
