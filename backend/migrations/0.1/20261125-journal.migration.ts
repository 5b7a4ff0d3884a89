import { PortableMigration } from '../portable-migration.js';

/**
 * The journal of deltas. Deltas of runs that are still running, because their process died, are moved there. The texts
 * of finished runs are in their messages, and their events stay for tabs that reconnect.
 */
export class Journal20261125 extends PortableMigration {
  override name = '20261125-journal';

  override up(): void {
    const { integer, bigint, text } = this.types;
    this.createTable('journal', [
      `"process" ${integer} not null`,
      `"n" ${bigint} not null`,
      `"at" ${bigint} not null`,
      `"data" ${text} not null`,
      'primary key ("process", "n")',
    ]);
    this.addColumns('runs', [
      `"journal" ${integer} not null default 0`,
      `"journal_from" ${bigint} not null default '0'`,
    ]);
    const entry = `${this.field('runId')}, seq, ${this.offset()}, ${this.field('text')}`;
    this.addSql(
      'insert into journal (process, n, at, data) select 0, row_number() over (order by stream, seq), at, ' +
        (this.isPostgresql
          ? `json_build_array(json_build_array(${entry}))::text `
          : `json_array(json_array(${entry})) `) +
        `from stream_events where ${this.ofRunningRuns()}`,
    );
    this.addSql(`delete from stream_events where ${this.ofRunningRuns()}`);
  }

  /** Moves the deltas back to events, where a version without the journal expects them. */
  override down(): void {
    this.addSql(
      this.isPostgresql
        ? `insert into stream_events (stream, seq, type, at, data)
           select 'conversation:' || runs.conversation_id, (delta.value ->> 1)::bigint, 'run.delta', journal.at,
             json_build_object('runId', runs.id, 'messageId', runs.message_id, 'offset', (delta.value ->> 2)::int,
               'text', delta.value ->> 3)::text
           from journal cross join lateral json_array_elements(journal.data::json) as delta(value)
           join runs on runs.id::text = delta.value ->> 0 on conflict do nothing`
        : `insert or ignore into stream_events (stream, seq, type, at, data)
           select 'conversation:' || runs.conversation_id, delta.value ->> 1, 'run.delta', journal.at,
             json_object('runId', runs.id, 'messageId', runs.message_id, 'offset', delta.value ->> 2,
               'text', delta.value ->> 3)
           from journal join json_each(journal.data) as delta join runs on runs.id = delta.value ->> 0`,
    );
    this.addSql(
      `update stream_heads set seq = (select max(seq) from stream_events where stream = stream_heads.stream) ` +
        `where seq < (select max(seq) from stream_events where stream = stream_heads.stream)`,
    );
    this.dropColumns('runs', ['journal', 'journal_from']);
    this.addSql('drop table journal');
  }

  private field(name: string): string {
    return this.isPostgresql ? `data::json ->> '${name}'` : `data ->> '${name}'`;
  }

  private offset(): string {
    return this.isPostgresql ? `(${this.field('offset')})::int` : this.field('offset');
  }

  private ofRunningRuns(): string {
    const id = this.isPostgresql ? 'id::text' : 'id';
    return `type = 'run.delta' and ${this.field('runId')} in (select ${id} from runs where status = 'running')`;
  }
}
