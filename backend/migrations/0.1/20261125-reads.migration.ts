import { PortableMigration } from '../portable-migration.js';

/** Indexes that make reads, and the removal of expired rows, independent of the size of the tables. */
export class Reads20261125 extends PortableMigration {
  override name = '20261125-reads';

  override up(): void {
    this.createIndex('sessions', ['expires_at']);
    this.createIndex('sessions', ['ended_at']);
    // A virtual table that lists the words of the index in order; it stores no rows.
    if (!this.isPostgresql) {
      this.addSql(`create virtual table search_words_vocabulary using fts5vocab(search_words_index, 'row')`);
    }
  }

  override down(): void {
    if (!this.isPostgresql) this.addSql('drop table search_words_vocabulary');
    this.addSql('drop index "sessions_ended_at_index"');
    this.addSql('drop index "sessions_expires_at_index"');
  }
}
