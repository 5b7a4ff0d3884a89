import { v7 as uuidv7 } from 'uuid';
import { ADMIN_STREAM } from '../protocol/index.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import { AuditEntry } from './audit-entry.entity.js';
import { User } from './user.entity.js';
import { viewAuditEntry } from './user.views.js';

/** One administrative act. `actorId` is `null` for the command line and for the configuration. */
export interface AdministrativeAct {
  readonly action: string;
  readonly actorId: string | null;
  readonly target: User;
  readonly detail: Record<string, unknown>;
}

/** Puts the act on record in its own transaction, and tells the admins (`A5`). */
export async function recordAct(transaction: LogTransaction, act: AdministrativeAct): Promise<void> {
  const { em } = transaction;
  const actor = act.actorId === null ? null : await em.findOne(User, { id: act.actorId });
  const entry = em.create(AuditEntry, {
    id: uuidv7(),
    at: transaction.at,
    actorId: act.actorId,
    actorEmail: actor?.email ?? null,
    action: act.action,
    targetId: act.target.id,
    targetEmail: act.target.email,
    detail: act.detail,
  });
  transaction.append(ADMIN_STREAM, { type: 'audit.added', data: viewAuditEntry(entry) });
}
