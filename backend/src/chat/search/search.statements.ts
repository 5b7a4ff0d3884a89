import { statement } from '../../database/sql/statement.js';

/**
 * Inserts documents, each as `[id, conversation, owner, keys]` in JSON. On SQLite their keys follow by `INSERT_WORDS`.
 */
export const INSERT_DOCUMENTS = statement({
  sqlite: `
    insert into search_words (document_id, conversation_id) select value ->> 0, value ->> 1 from json_each($1)`,
  postgresql: `
    insert into search_words (document_id, conversation_id, words)
    select (value ->> 0)::uuid, (value ->> 1)::uuid,
      array_to_tsvector(string_to_array(rtrim('@' || (value ->> 2) || ' ' || (value ->> 3)), ' '))
    from json_array_elements($1::json)
    on conflict (document_id) do update set words = excluded.words`,
});

/** SQLite only: the keys of the same documents. Hyphens are removed from ids, because the tokeniser splits at them. */
export const INSERT_WORDS = statement({
  sqlite: `
    insert into search_words_index (rowid, owner, conversation, words)
    select search_words.id, replace(value ->> 2, '-', ''), replace(value ->> 1, '-', ''), value ->> 3
    from json_each($1) join search_words on document_id = value ->> 0`,
  postgresql: 'select $1',
});

/** SQLite only: removes the document `$1`; a trigger removes its keys. */
export const DELETE_DOCUMENT = statement('delete from search_words where document_id = $1');
