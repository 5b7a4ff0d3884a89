import { sql } from 'kysely';
import type { EntityManager } from '../database/database.js';

interface Tables {
  queued_messages: { conversation_id: string; user_id: string; created_at: number; withdrawn_at: number | null };
  conversations: { id: string; deleted_at: number | null };
  users: { id: string; disabled: boolean; role: string };
}

/** Whose queues are looked at: those of everybody, of a user, or one. */
export interface QueueScope {
  readonly userId?: string | undefined;
  readonly conversationId?: string | undefined;
}

/**
 * The conversations whose next message is to be sent, those that have waited longest first: nothing runs in them, and
 * the last reply was completed or stopped. After one that failed or was interrupted somebody has to look first. Who may
 * send nothing any more is not sent for either (`A1`).
 */
export async function findDueQueues(em: EntityManager, { userId, conversationId }: QueueScope): Promise<string[]> {
  let query = em
    .getKysely<Tables>()
    .selectFrom('queued_messages as queued')
    .innerJoin('conversations', 'conversations.id', 'queued.conversation_id')
    .innerJoin('users', 'users.id', 'queued.user_id')
    .select('queued.conversation_id')
    .where('queued.withdrawn_at', 'is', null)
    .where('conversations.deleted_at', 'is', null)
    .where('users.role', '!=', 'pending')
    .where(sql<boolean>`not users.disabled`)
    // By the place in the stream: the clocks of processes differ.
    .where(
      sql<boolean>`(
        select status from runs where runs.conversation_id = queued.conversation_id order by first_seq desc limit 1
      ) in ('completed', 'stopped')`,
    )
    .groupBy('queued.conversation_id')
    .orderBy(({ fn }) => fn.min('queued.created_at'));
  if (userId !== undefined) query = query.where('queued.user_id', '=', userId);
  if (conversationId !== undefined) query = query.where('queued.conversation_id', '=', conversationId);
  const rows = await query.execute();
  return rows.map((row) => row.conversation_id);
}
