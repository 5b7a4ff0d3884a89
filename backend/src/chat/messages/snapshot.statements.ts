import { statement } from '../../database/sql/statement.js';

/* The queries of the snapshots of streams. */

/** Returns a row if the conversation `$1` belongs to the user `$2` and is not soft-deleted. */
export const IS_OWN_CONVERSATION = statement(
  'select 1 as own from conversations where id = $1 and user_id = $2 and deleted_at is null',
);

export const READ_CONVERSATION = statement(`
  select id, user_id, title, title_source, pinned, archived, leaf_id, settings, input_tokens, output_tokens,
    cost_micros, usage_estimated, created_at, updated_at
  from conversations where id = $1 and deleted_at is null`);

/** The draft at the place `$1` of the user `$2`. */
export const READ_DRAFT = statement('select text, origin, at from drafts where place = $1 and user_id = $2');

/** The queued messages of the conversation `$1`, in sending order. */
export const READ_WAITING = statement(`
  select id, client_message_id, text, model, created_at from queued_messages
  where conversation_id = $1 and withdrawn_at is null order by id`);

/** The conversations of the user `$1`, most recently used first, at most `$2`, and whether a run is active in them. */
export const READ_SIDEBAR = statement(`
  select id, title, pinned, archived, leaf_id, created_at, updated_at,
    id in (select conversation_id from runs where user_id = $1 and status = 'running') as running
  from conversations where user_id = $1 and deleted_at is null
  order by updated_at desc, id desc limit $2`);
