import { PortableMigration } from '../portable-migration.js';

/** The journal refers to runs by a short number instead of their id, which was half of the size of a delta. */
export class RunNumbers20261126 extends PortableMigration {
  override name = '20261126-run-numbers';

  override up(): void {
    this.addColumns('runs', [`"journal_run" ${this.types.integer} not null default 0`]);
    this.addSql(`
      update runs set journal_run = numbered.number from (
        select id, row_number() over (order by id) as number from runs
        where ${this.isPostgresql ? 'id::text' : 'id'} in (select ${this.run()} from ${this.entries()})
      ) as numbered
      where numbered.id = runs.id`);
    this.rewrite('runs.journal_run', `${this.isPostgresql ? 'runs.id::text' : 'runs.id'} = ${this.run()}`);
    this.createIndex('runs', ['journal', 'journal_run']);
  }

  override down(): void {
    this.dropIndex('runs', ['journal', 'journal_run']);
    const number = this.isPostgresql ? `(${this.run()})::int` : this.run();
    this.rewrite('runs.id', `runs.journal = journal.process and runs.journal_run = ${number}`);
    this.dropColumns('runs', ['journal_run']);
  }

  /** Replaces the reference to the run in each delta by `name`; deltas of removed runs are dropped. */
  private rewrite(name: string, join: string): void {
    const entry = `${name}, delta.value -> 1, delta.value -> 2, delta.value -> 3`;
    const delta = this.isPostgresql
      ? `json_agg(json_build_array(${entry}))::text`
      : `json_group_array(json_array(${entry}))`;
    const entries = this.isPostgresql ? 'json_array_elements(journal.data::json)' : 'json_each(journal.data)';
    this.addSql(`
      update journal set data = (
        select coalesce(${delta}, '[]') from ${entries} as delta${this.isPostgresql ? '(value)' : ''}
        join runs on ${join}
      )`);
  }

  private entries(): string {
    return this.isPostgresql
      ? 'journal cross join lateral json_array_elements(journal.data::json) as delta(value)'
      : 'journal join json_each(journal.data) as delta';
  }

  private run(): string {
    return 'delta.value ->> 0';
  }
}
