import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../database/database.js';
import { ADMIN_STREAM } from '../protocol/index.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import { PresenceRow } from './presence.entity.js';
import { User } from './user.entity.js';

/** Who came to a process or left it; `true` for those who are there now. */
export type PresenceChanges = ReadonlyMap<string, boolean>;

/**
 * Writes the changes of one process, and tells the admins of users whose first process this was, or whose last.
 * Users are locked first: two processes that say different things about one user take turns.
 */
export async function writePresence(
  transaction: LogTransaction,
  processId: string,
  changes: PresenceChanges,
): Promise<void> {
  const { em, at } = transaction;
  for (const user of await lockUsers(em, [...changes.keys()])) {
    const isHere = changes.get(user.id) ?? false;
    const before = await em.find(PresenceRow, { userId: user.id });
    const others = before.filter((row) => row.processId !== processId);
    const own = before.find((row) => row.processId === processId);
    if (isHere && !own) em.create(PresenceRow, { userId: user.id, processId, seenAt: at });
    if (!isHere && own) em.remove(own);
    user.lastSeenAt = at;
    tellChange(transaction, user.id, before.length > 0, isHere || others.length > 0);
  }
}

/** Clears the rows of processes that have not been heard of since `before`. */
export async function clearDeadProcesses(transaction: LogTransaction, before: number): Promise<void> {
  const { em } = transaction;
  const stale = await em.find(PresenceRow, { seenAt: { $lt: before } });
  const ids = [...new Set(stale.map(({ userId }) => userId))];
  for (const user of await lockUsers(em, ids)) {
    // Read again under the lock: somebody else may have cleared them, or the process may live after all.
    const rows = await em.find(PresenceRow, { userId: user.id }, { refresh: true });
    const dead = rows.filter(({ seenAt }) => seenAt < before);
    for (const row of dead) em.remove(row);
    tellChange(transaction, user.id, rows.length > 0, rows.length > dead.length);
  }
}

/** The users with an open tab anywhere, in the order of their ids. */
export async function readOnline(em: EntityManager): Promise<string[]> {
  const rows = await em.find(PresenceRow, {}, { fields: ['userId'] });
  return [...new Set(rows.map(({ userId }) => userId))].sort();
}

export const isOnline = async (em: EntityManager, userId: string): Promise<boolean> =>
  (await em.count(PresenceRow, { userId })) > 0;

const lockUsers = (em: EntityManager, ids: string[]): Promise<User[]> =>
  em.find(User, { id: { $in: ids } }, { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } });

function tellChange(transaction: LogTransaction, userId: string, wasOnline: boolean, online: boolean): void {
  if (wasOnline === online) return;
  transaction.append(ADMIN_STREAM, {
    type: 'presence.changed',
    data: { userId, online, lastSeenAt: transaction.at },
  });
}
