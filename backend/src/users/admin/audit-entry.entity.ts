import { defineEntity, p } from '@mikro-orm/core';

const AuditEntrySchema = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit',
  properties: {
    id: p.uuid().primary(),
    at: p.bigint('number').index(),
    // No foreign keys: what was done stays on record when the account is gone.
    actorId: p.uuid().nullable(),
    actorEmail: p.string().length(320).nullable(),
    action: p.string().length(100),
    targetId: p.uuid().nullable(),
    targetEmail: p.string().length(320).nullable(),
    /** Where it came from: an IP address, and the id that logs carry. The command line has neither. */
    address: p.string().length(45).nullable(),
    requestId: p.string().length(64).nullable(),
    detail: p.json().$type<Record<string, unknown>>(),
  },
});

/** An administrative act, written in the transaction of the act itself (`A5`), or one that was refused. */
export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
