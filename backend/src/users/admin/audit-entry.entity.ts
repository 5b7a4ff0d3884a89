import { defineEntity, p } from '@mikro-orm/core';
import { auditTextOf } from './search-text.js';

export const AuditEntrySchema = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit',
  properties: {
    id: p.uuid().primary(),
    at: p.bigint('number').index(),
    // No foreign keys, so that entries stay when the account is deleted.
    actorId: p.uuid().nullable().index(),
    actorEmail: p.string().length(320).nullable(),
    /** The area and the act; one that ends in `.refused` or `.failed` was not carried out. */
    action: p.string().length(100).index(),
    targetId: p.uuid().nullable().index(),
    targetEmail: p.string().length(320).nullable(),
    /** The IP address and the request id of the act; the command line has neither. */
    address: p.string().length(45).nullable(),
    requestId: p.string().length(64).nullable(),
    detail: p.json().$type<Record<string, unknown>>(),
    /** Everything above as folded text, for the search of admins. Nullable only because SQLite adds such columns alone. */
    searchText: p.text().nullable().onCreate(auditTextOf).hidden(),
  },
});

/** An administrative act, written in the transaction of the act itself (`A5`), or one that was refused. */
export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
