import { ADMIN_STREAM, type AdminUser, userStream } from '../protocol/index.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { isOnline } from './presence/presence-rows.js';
import type { User } from './user.entity.js';
import { viewAdminUser, viewUser } from './user.views.js';

/** Appends events with the current state of a user, for the user's own tabs and for admins. */
export async function appendUserUpdated(transaction: LogTransaction, user: User): Promise<AdminUser> {
  const forAdmins = viewAdminUser(user, await isOnline(transaction.em, user.id));
  transaction.append(userStream(user.id), { type: 'user.updated', data: viewUser(user) });
  transaction.append(ADMIN_STREAM, { type: 'user.updated', data: forAdmins });
  return forAdmins;
}
