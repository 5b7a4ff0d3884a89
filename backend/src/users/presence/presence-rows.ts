import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../../database/database.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { ADMIN_STREAM } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { PresenceRow } from './presence.entity.js';
import { FIND_DEAD_PRESENCE, INSERT_PRESENCE, REMOVE_DEAD_PRESENCE } from './presence.statements.js';
import { User } from '../user.entity.js';
import { READ_ONLINE } from '../user.statements.js';

/** Who came to a process or left it: the sockets of those who are there now, `undefined` for those who are not. */
export type PresenceChanges = ReadonlyMap<string, number | undefined>;

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
  const isHere = (userId: string): boolean => changes.get(userId) !== undefined;
  const isWritten = (userId: string): boolean => before.get(userId)?.includes(processId) ?? false;
  const come = ids.filter((userId) => isHere(userId) && !isWritten(userId));
  const gone = ids.filter((userId) => !isHere(userId) && isWritten(userId));
  if (come.length > 0) {
    const people = come.map((userId) => [userId, changes.get(userId) ?? 0]);
    await transaction.all(INSERT_PRESENCE, [processId, JSON.stringify(people)]);
  }
  if (gone.length > 0) await em.nativeDelete(PresenceRow, { processId, userId: { $in: gone } });
  await em.nativeUpdate(User, { id: { $in: ids } }, { lastSeenAt: at });
  for (const userId of ids) {
    const processes = before.get(userId) ?? [];
    const isElsewhere = processes.some((id) => id !== processId);
    tellChange(transaction, userId, processes.length > 0, isHere(userId) || isElsewhere);
  }
}

/**
 * Clears the rows of processes that have not been heard of for `deadAfterMs`, by the database's clock: those of the
 * processes may differ.
 */
export async function clearDeadProcesses(transaction: LogTransaction, deadAfterMs: number): Promise<void> {
  const { em } = transaction;
  const stale = await transaction.all(FIND_DEAD_PRESENCE, [deadAfterMs]);
  if (stale.length === 0) return;
  const ids = await lockUsers(
    em,
    stale.map((row) => String(row['user_id'])),
  );
  const rows = await findProcesses(em, ids);
  // Compared again under the lock: another process may have cleared them, or the process may live after all.
  await transaction.all(REMOVE_DEAD_PRESENCE, [deadAfterMs, JSON.stringify(ids)]);
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
