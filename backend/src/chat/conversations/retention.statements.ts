import { statement } from '../../database/sql/statement.js';

/*
 * A conversation is not used any longer if no message was sent or answered in it and no draft was written since `$1`. It
 * is in use while a reply is being written or a message waits in its queue.
 */
const unused = `
  from conversations
  where deleted_at is null and updated_at < $1
    and not exists (select 1 from runs where runs.conversation_id = conversations.id and runs.status = 'running')
    and not exists (
      select 1 from queued_messages
      where queued_messages.conversation_id = conversations.id and queued_messages.withdrawn_at is null)
    and not exists (select 1 from drafts where drafts.place = conversations.id and drafts.at >= $1)`;

/** At most `$2` conversations that are not used any longer. */
export const FIND_UNUSED = statement(`select id, user_id ${unused} order by updated_at limit $2`);

/** Returns a row if the conversation `$2` is not used any longer. */
export const IS_UNUSED = statement(`select 1 as unused ${unused} and conversations.id = $2`);

/** Whether this transaction may delete: one process at a time does. SQLite has only one. */
export const TAKE_RETENTION = statement({
  sqlite: 'select true as taken',
  postgresql: `select pg_try_advisory_xact_lock(hashtextextended('retention', 0)) as taken`,
});
