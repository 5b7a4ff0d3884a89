import { currentOrigin } from '../../common/request-id.js';
import { ADMIN_STREAM } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { AuditEntry } from './audit-entry.entity.js';
import { User } from '../user.entity.js';
import { viewAuditEntry } from '../user.views.js';

/**
 * An act for the audit. `actorId` is `null` for the command line, the configuration, and requests without a session.
 */
export interface AuditedAct {
  readonly action: string;
  readonly actorId: string | null;
  /** The account that the act is about, if any. */
  readonly target?: Pick<User, 'id' | 'email'> | undefined;
  readonly detail: Record<string, unknown>;
}

/** Writes an audit entry with its origin, and an event for admins, in the transaction of the act itself (`A5`). */
export async function recordAct(transaction: LogTransaction, act: AuditedAct): Promise<void> {
  const { em } = transaction;
  const actor = act.actorId === null ? null : await em.findOne(User, { id: act.actorId });
  const origin = currentOrigin();
  const entry = em.create(AuditEntry, {
    id: transaction.newId(),
    at: transaction.at,
    actorId: act.actorId,
    actorEmail: actor?.email ?? null,
    action: act.action,
    targetId: act.target?.id ?? null,
    targetEmail: act.target?.email ?? null,
    address: origin?.address ?? null,
    requestId: origin?.requestId ?? null,
    detail: act.detail,
  });
  transaction.append(ADMIN_STREAM, { type: 'audit.added', data: viewAuditEntry(entry) });
}
