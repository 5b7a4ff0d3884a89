import { statement } from '../../database/sql/statement.js';

const deleted = 'select id from conversations where deleted_at <= $1 limit 1';

/** A conversation that was deleted at `$1` or before. It is locked, so that it cannot be restored at the same time. */
export const FIND_DELETED = statement({ sqlite: deleted, postgresql: `${deleted} for update skip locked` });

/** Makes all conversations of the user `$1` due for removal. */
export const REMOVE_SOON = statement('update conversations set deleted_at = 0 where user_id = $1');

/* Each of these removes at most `$2` rows of the conversation `$1`, and returns a row for each removed one. */

export const REMOVE_WORDS = statement(`
  delete from search_words
  where document_id in (select document_id from search_words where conversation_id = $1 limit $2) returning 1 as gone`);

export const REMOVE_MESSAGES = statement(`
  delete from conversation_history
  where id in (select id from conversation_history where conversation_id = $1 limit $2) returning 1 as gone`);

export const REMOVE_RUNS = statement(`
  delete from runs where id in (select id from runs where conversation_id = $1 limit $2) returning 1 as gone`);

export const REMOVE_DRAFT = statement('delete from drafts where place = $1');

/** Removes the conversation; foreign keys remove its remaining rows. */
export const REMOVE_CONVERSATION = statement('delete from conversations where id = $1');
