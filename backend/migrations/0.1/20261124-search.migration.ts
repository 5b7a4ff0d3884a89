import { PortableMigration } from '../portable-migration.js';
import { keysIn } from './search-words-20261126.js';

interface Row {
  readonly id: string;
  readonly conversation_id: string;
  readonly user_id: string;
  readonly text: string;
}

const ROWS_AT_A_TIME = 500;

/** The index of the search over titles and messages, filled with the existing ones. */
export class Search20261124 extends PortableMigration {
  override name = '20261124-search';

  override async up(): Promise<void> {
    // Executed at once instead of collected, because the tables are filled below.
    for (const statement of this.isPostgresql ? this.postgresql() : this.sqlite()) await this.execute(statement);
    await this.fill('conversations', 'id', 'title');
    await this.fill('conversation_history', 'conversation_id', 'text');
  }

  override down(): void {
    if (!this.isPostgresql) this.addSql('drop table search_words_index');
    this.addSql('drop table search_words');
  }

  private postgresql(): string[] {
    return [
      `create table search_words (document_id uuid not null primary key, conversation_id uuid not null, ` +
        `words tsvector not null, ${this.belongsTo('search_words', 'conversation_id', 'conversations')})`,
      'create index search_words_conversation_id_index on search_words (conversation_id)',
      'create index search_words_words_index on search_words using gin (words)',
    ];
  }

  /**
   * The index stores no text: its rows belong to those of the plain table, which are removed with the conversation.
   * Prefixes of up to four letters have their own lists; those of longer prefixes are short enough to be merged.
   */
  private sqlite(): string[] {
    return [
      `create table search_words (id integer primary key, document_id text not null unique, ` +
        `conversation_id text not null, ${this.belongsTo('search_words', 'conversation_id', 'conversations')})`,
      'create index search_words_conversation_id_index on search_words (conversation_id)',
      `create virtual table search_words_index using fts5 (owner, conversation, words, content = '', contentless_delete = 1, ` +
        `detail = column, tokenize = 'ascii', prefix = '1 2 3 4')`,
      'create trigger search_words_gone after delete on search_words ' +
        'begin delete from search_words_index where rowid = old.id; end',
    ];
  }

  private async fill(table: string, conversationId: string, text: string): Promise<void> {
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const rows = (await this.execute(
        `select id, ${conversationId} as conversation_id, user_id, ${text} as text from ${table} ` +
          `where id > ? order by id limit ${ROWS_AT_A_TIME}`,
        [after],
      )) as unknown as Row[];
      for (const row of rows) if (row.text !== '') await this.insert(row);
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_A_TIME) return;
      after = last.id;
    }
  }

  private async insert({ id, conversation_id, user_id, text }: Row): Promise<void> {
    const keys = keysIn(text);
    if (this.isPostgresql) {
      await this.execute(
        `insert into search_words (document_id, conversation_id, words) ` +
          `values (?, ?, array_to_tsvector(string_to_array(?, ' ')))`,
        [id, conversation_id, [`@${user_id}`, ...keys].join(' ')],
      );
      return;
    }
    await this.execute('insert into search_words (document_id, conversation_id) values (?, ?)', [id, conversation_id]);
    await this.execute(
      'insert into search_words_index (rowid, owner, conversation, words) ' +
        'select id, ?, ?, ? from search_words where document_id = ?',
      [user_id.replaceAll('-', ''), conversation_id.replaceAll('-', ''), keys.join(' '), id],
    );
  }
}
