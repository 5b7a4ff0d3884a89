import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../../database/database.js';
import { User } from '../user.entity.js';

/**
 * Whether no admin would be left without this user (`A4`). All active admins are locked: when two admins demote each
 * other at once, the second transaction waits and then finds only one admin left. The rows are locked in the order of
 * their ids, so that there are no deadlocks.
 */
export async function isLastAdmin(em: EntityManager, userId: string): Promise<boolean> {
  const admins = await em.find(
    User,
    { role: 'admin', disabled: false },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  return admins.length === 1 && admins[0]?.id === userId;
}
