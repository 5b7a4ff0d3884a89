import { PortableMigration } from './portable-migration.js';

/**
 * How each run ended and how soon its first text came, beside its usage; and what a run without a conversation has used
 * so far, which is counted if its process dies. Of older runs neither is known.
 */
export class UsageMeasures20261127 extends PortableMigration {
  override name = '20261127-usage-measures';

  override up(): void {
    const { string, integer, bigint } = this.types;
    this.addColumns('usage_entries', [
      `"status" ${string(20)} null`,
      `"failure" ${string(40)} null`,
      `"first_token_ms" ${integer} null`,
    ]);
    this.addColumns('unkept_runs', [
      `"input_tokens" ${integer} not null default 0`,
      `"output_tokens" ${integer} not null default 0`,
      `"cost_micros" ${bigint} null`,
    ]);
  }

  override down(): void {
    // The version before counts every entry as a reply that used tokens.
    this.addSql('delete from "usage_entries" where "input_tokens" = 0 and "output_tokens" = 0');
    this.dropColumns('usage_entries', ['status', 'failure', 'first_token_ms']);
    this.dropColumns('unkept_runs', ['input_tokens', 'output_tokens', 'cost_micros']);
  }
}
