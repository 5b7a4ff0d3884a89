import { statement } from '../../database/sql/statement.js';

/**
 * The conversations whose next queued message is due, the longest wait first: no run is active in them, and the last
 * run was completed or stopped. After a failed or interrupted run the owner has to decide. Messages of users who may no
 * longer send are not sent (`A1`), nor those of users whose budget is exceeded at the time `$1`. The last run is found by
 * its position in the stream, not by its time, because the clocks of processes differ.
 */
const due = (where: string) =>
  statement(`
    select queued.conversation_id
    from queued_messages queued
    join conversations on conversations.id = queued.conversation_id
    join users on users.id = queued.user_id
    where ${where} and queued.withdrawn_at is null and conversations.deleted_at is null
      and users.role <> 'pending' and not users.disabled
      and (users.budget_resets_at is null or users.budget_resets_at <= $1)
      and (
        select status from runs where runs.conversation_id = queued.conversation_id order by first_seq desc limit 1
      ) in ('completed', 'stopped')
    group by queued.conversation_id order by min(queued.created_at)`);

export const FIND_DUE = due('true');
/** `$2` a user. */
export const FIND_DUE_OF_USER = due('queued.user_id = $2');
/** `$2` a conversation. */
export const FIND_DUE_OF_CONVERSATION = due('queued.conversation_id = $2');

/** The next queued message of the conversation `$1`. */
export const FIND_NEXT_QUEUED = statement(`
  select id, run_id, client_message_id, payload_hash, text, model from queued_messages
  where conversation_id = $1 and withdrawn_at is null order by id limit 1`);

export const REMOVE_QUEUED = statement('delete from queued_messages where id = $1');
