import { statement } from '../../database/sql/statement.js';

const COLUMNS = `id, user_id, title, title_source, pinned, archived, leaf_id, settings, input_tokens, output_tokens,
  cost_micros, usage_estimated, created_at, updated_at`;

/** SQLite needs no `for update`: it has one writer, which locks the whole database. */
const locking = (where: string) => {
  const text = `select ${COLUMNS} from conversations where ${where}`;
  return statement({ sqlite: text, postgresql: `${text} for update` });
};

/** `$1` a conversation, `$2` its owner. */
export const LOCK_CONVERSATION = locking('id = $1 and user_id = $2 and deleted_at is null');

/** `$1` a message, `$2` its owner. */
export const LOCK_CONVERSATION_OF_MESSAGE = locking(`
  id = (select conversation_id from conversation_history where id = $1 and user_id = $2)
  and user_id = $2 and deleted_at is null`);

/** `$1` a run of any user; also when the conversation is soft-deleted. */
export const LOCK_CONVERSATION_OF_RUN = locking('id = (select conversation_id from runs where id = $1)');

/** `$1` a run, `$2` its owner. */
export const LOCK_OWN_CONVERSATION_OF_RUN = locking(`
  id = (select conversation_id from runs where id = $1) and user_id = $2 and deleted_at is null`);

/** `$1` a conversation whose title may still be replaced by the model's. */
export const LOCK_UNTITLED_CONVERSATION = locking(`id = $1 and title_source = 'message' and deleted_at is null`);

/** `$1` a conversation whose queued messages are to be sent. */
export const LOCK_KEPT_CONVERSATION = locking('id = $1 and deleted_at is null');

/**
 * Whether the id `$1`, with the stream `$2`, is already in use and cannot be given to a new conversation. A stream
 * without a conversation belongs to one that was deleted. Ids of users count too, because a row of `drafts` is found by
 * the id of a conversation or of a user.
 */
export const IS_CONVERSATION_TAKEN = statement(`
  select exists (select 1 from conversations where id = $1)
    or exists (select 1 from users where id = $1)
    or exists (select 1 from stream_heads where stream = $2 and seq > 0) as taken`);

export const INSERT_CONVERSATION = statement(`
  insert into conversations (id, user_id, title, title_source, pinned, archived, leaf_id, settings, input_tokens,
    output_tokens, usage_estimated, created_at, updated_at)
  values ($1, $2, $3, 'message', false, false, $4, $5, 0, 0, false, $6, $6)`);

/** Makes the message `$2` the last one of the branch in view, at the time `$3`. */
export const SET_LEAF = statement('update conversations set leaf_id = $2, updated_at = $3 where id = $1');

export const SET_CONVERSATION_USAGE = statement(`
  update conversations set input_tokens = $2, output_tokens = $3, cost_micros = $4, usage_estimated = $5 where id = $1`);

export const SET_MODEL_TITLE = statement(`update conversations set title = $2, title_source = 'model' where id = $1`);
