import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../../database/database.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { ADMIN_STREAM } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { PresenceRow } from './presence.entity.js';
import { FIND_DEAD_PRESENCE, INSERT_PRESENCE, REMOVE_DEAD_PRESENCE } from './presence.statements.js';
import { User } from '../user.entity.js';
import { READ_ONLINE } from '../user.statements.js';

/** The users who came to a process or left it: their number of sockets, `undefined` for those who have left. */
export type PresenceChanges = ReadonlyMap<string, number | undefined>;

/**
 * Writes the changes of one process, with events for users who came online or went offline on all processes. The users
 * are locked first, so that two processes with changes of the same user wait for each other. It takes five statements,
 * whatever the number of users.
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
    appendPresenceChange(transaction, userId, processes.length > 0, isHere(userId) || isElsewhere);
  }
}

/**
 * Removes the rows of processes without a heartbeat for `deadAfterMs`, by the clock of the database, because the clocks
 * of processes may differ.
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
  // Checked again under the lock: another process may have removed the rows, or the heartbeat may have come.
  await transaction.all(REMOVE_DEAD_PRESENCE, [deadAfterMs, JSON.stringify(ids)]);
  const left = await findProcesses(em, ids);
  for (const userId of ids) appendPresenceChange(transaction, userId, rows.has(userId), left.has(userId));
}

/** The users with an open tab anywhere, in the order of their ids. */
export async function readOnline(transaction: RunsStatements): Promise<string[]> {
  return (await transaction.all(READ_ONLINE, [])).map((row) => String(row['user_id']));
}

export const isOnline = async (em: EntityManager, userId: string): Promise<boolean> =>
  (await em.count(PresenceRow, { userId })) > 0;

/** Locks users in the order of their ids, as everywhere. @returns the ids of those that exist */
async function lockUsers(em: EntityManager, ids: string[]): Promise<string[]> {
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, fields: ['id'] } as const;
  return (await em.find(User, { id: { $in: ids } }, lock)).map(({ id }) => id);
}

/** The processes that have a row of each user; read from the database, not from the identity map. */
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

function appendPresenceChange(transaction: LogTransaction, userId: string, wasOnline: boolean, online: boolean): void {
  if (wasOnline === online) return;
  transaction.append(ADMIN_STREAM, {
    type: 'presence.changed',
    data: { userId, online, lastSeenAt: transaction.at },
  });
}
