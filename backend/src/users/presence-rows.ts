import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../database/database.js';
import type { RunsStatements } from '../database/transaction.js';
import { ADMIN_STREAM } from '../protocol/index.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import { PresenceRow } from './presence.entity.js';
import { User } from './user.entity.js';
import { READ_ONLINE } from './user.statements.js';

/** Who came to a process or left it; `true` for those who are there now. */
export type PresenceChanges = ReadonlyMap<string, boolean>;

/**
 * Writes the changes of one process, and tells the admins of users whose first process this was, or whose last.
 * Users are locked first: two processes that say different things about one user take turns. However many come and go
 * together, it is five statements.
 */
export async function writePresence(
  transaction: LogTransaction,
  processId: string,
  changes: PresenceChanges,
): Promise<void> {
  const { em, at } = transaction;
  const ids = await lockUsers(em, [...changes.keys()]);
  const before = await findProcesses(em, ids);
  const isHere = (userId: string): boolean => changes.get(userId) ?? false;
  const isWritten = (userId: string): boolean => before.get(userId)?.includes(processId) ?? false;
  const come = ids.filter((userId) => isHere(userId) && !isWritten(userId));
  const gone = ids.filter((userId) => !isHere(userId) && isWritten(userId));
  if (come.length > 0) {
    await em.insertMany(
      PresenceRow,
      come.map((userId) => ({ userId, processId, seenAt: at })),
    );
  }
  if (gone.length > 0) await em.nativeDelete(PresenceRow, { processId, userId: { $in: gone } });
  await em.nativeUpdate(User, { id: { $in: ids } }, { lastSeenAt: at });
  for (const userId of ids) {
    const processes = before.get(userId) ?? [];
    const isElsewhere = processes.some((id) => id !== processId);
    tellChange(transaction, userId, processes.length > 0, isHere(userId) || isElsewhere);
  }
}

/** Clears the rows of processes that have not been heard of since `before`. */
export async function clearDeadProcesses(transaction: LogTransaction, before: number): Promise<void> {
  const { em } = transaction;
  const stale = await em.find(PresenceRow, { seenAt: { $lt: before } }, { fields: ['userId'] });
  if (stale.length === 0) return;
  const ids = await lockUsers(em, [...new Set(stale.map(({ userId }) => userId))]);
  const rows = await findProcesses(em, ids);
  // Compared again under the lock: another process may have cleared them, or the process may live after all.
  await em.nativeDelete(PresenceRow, { userId: { $in: ids }, seenAt: { $lt: before } });
  const left = await findProcesses(em, ids);
  for (const userId of ids) tellChange(transaction, userId, rows.has(userId), left.has(userId));
}

/** The users with an open tab anywhere, in the order of their ids. */
export async function readOnline(transaction: RunsStatements): Promise<string[]> {
  return (await transaction.all(READ_ONLINE, [])).map((row) => String(row['user_id']));
}

export const isOnline = async (em: EntityManager, userId: string): Promise<boolean> =>
  (await em.count(PresenceRow, { userId })) > 0;

/** @returns the ids of those that exist, in their order: the order in which everybody locks them */
async function lockUsers(em: EntityManager, ids: string[]): Promise<string[]> {
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, fields: ['id'] } as const;
  return (await em.find(User, { id: { $in: ids } }, lock)).map(({ id }) => id);
}

/** By user the processes that say the user is there; from the database, whatever was read before. */
async function findProcesses(em: EntityManager, userIds: string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await em.find(PresenceRow, { userId: { $in: userIds } }, { disableIdentityMap: true });
  const processes = new Map<string, string[]>();
  for (const { userId, processId } of rows) {
    const known = processes.get(userId);
    if (known) known.push(processId);
    else processes.set(userId, [processId]);
  }
  return processes;
}

function tellChange(transaction: LogTransaction, userId: string, wasOnline: boolean, online: boolean): void {
  if (wasOnline === online) return;
  transaction.append(ADMIN_STREAM, {
    type: 'presence.changed',
    data: { userId, online, lastSeenAt: transaction.at },
  });
}
