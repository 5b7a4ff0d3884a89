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
    detail: p.json().$type<Record<string, unknown>>(),
  },
});

/** One administrative act, written in the transaction of the act itself (`A5`). */
export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
