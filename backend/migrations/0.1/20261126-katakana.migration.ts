import { PortableMigration } from '../portable-migration.js';
import { keysIn } from './search-words-20261126.js';

interface Row {
  readonly id: string;
  readonly conversation_id: string;
  readonly user_id: string;
  readonly text: string;
}

const ROWS_AT_A_TIME = 500;
const KATAKANA = /[\u30a1-\u30fa\uff66-\uff9d]/;

/** Indexes texts with katakana again, so that parts of such words are found. */
export class Katakana20261126 extends PortableMigration {
  override name = '20261126-katakana';

  override async up(): Promise<void> {
    await this.fillAgain('conversations', 'id', 'title');
    await this.fillAgain('conversation_history', 'conversation_id', 'text');
  }

  /** The additional keys make no difference to the previous version. */
  override down(): void {
    // Nothing to undo.
  }

  private async fillAgain(table: string, conversationId: string, text: string): Promise<void> {
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const rows = (await this.execute(
        `select id, ${conversationId} as conversation_id, user_id, ${text} as text from ${table} ` +
          `where id > ? order by id limit ${ROWS_AT_A_TIME}`,
        [after],
      )) as unknown as Row[];
      for (const row of rows) if (KATAKANA.test(row.text)) await this.replace(row);
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_A_TIME) return;
      after = last.id;
    }
  }

  private async replace({ id, conversation_id, user_id, text }: Row): Promise<void> {
    const keys = keysIn(text);
    await this.execute('delete from search_words where document_id = ?', [id]);
    if (this.isPostgresql) {
      await this.execute(
        `insert into search_words (document_id, conversation_id, words) ` +
          `values (?, ?, array_to_tsvector(string_to_array(?, ' ')))`,
        [id, conversation_id, [`@${user_id}`, ...keys].join(' ')],
      );
      return;
    }
    await this.execute('insert into search_words (document_id, conversation_id) values (?, ?)', [id, conversation_id]);
    const compact = (value: string): string => value.replaceAll('-', '');
    await this.execute(
      'insert into search_words_index (rowid, owner, conversation, words) ' +
        'select id, ?, ?, ? from search_words where document_id = ?',
      [compact(user_id), compact(conversation_id), keys.join(' '), id],
    );
  }
}
