import { statement } from '../../database/sql/statement.js';

/**
 * Locks a name, for something that has no row to lock. Only PostgreSQL needs it. A transaction that also locks a
 * conversation must lock the conversation first.
 */
export const LOCK_NAME = statement({
  sqlite: 'select $1 as locked',
  postgresql: 'select pg_advisory_xact_lock(hashtextextended($1, 0))',
});

/**
 * The earlier result of the command `$2` of the user `$1`: a message, a run that continues one, or a queued message. A
 * continued reply has several runs; the command started the first one.
 */
export const FIND_DUPLICATE = statement(`
  select 1 as place, conversation_id, payload_hash, message.id as message_id, coalesce((
    select runs.id from runs
    where runs.conversation_id = message.conversation_id and runs.message_id = message.id
      and runs.client_message_id is null limit 1
  ), run_id) as run_id, false as is_queued
  from conversation_history message where user_id = $1 and client_message_id = $2
  union all
  select 2, conversation_id, payload_hash, message_id, id, false
  from runs where user_id = $1 and client_message_id = $2
  union all
  select 3, conversation_id, payload_hash, id, run_id, withdrawn_at is null
  from queued_messages where user_id = $1 and client_message_id = $2
  order by 1 limit 1`);
