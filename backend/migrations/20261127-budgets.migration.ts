import { PortableMigration } from './portable-migration.js';

/**
 * Budgets of roles and people; what active runs have reserved of them, which is nothing for runs of an older version;
 * and until when messages of a user are refused.
 */
export class Budgets20261127 extends PortableMigration {
  override name = '20261127-budgets';

  override up(): void {
    const { uuid, bigint, string } = this.types;
    this.createTable('budgets', [
      `"id" ${uuid} not null primary key`,
      `"role" ${string(20)} null`,
      `"user_id" ${uuid} null`,
      `"unit" ${string(10)} not null`,
      `"day_limit" ${bigint} null`,
      `"month_limit" ${bigint} null`,
      this.belongsTo('budgets', 'user_id', 'users'),
    ]);
    this.createUnique('budgets', ['role']);
    this.createUnique('budgets', ['user_id']);
    for (const table of ['runs', 'unkept_runs']) {
      this.addColumns(table, [
        `"reserved_tokens" ${bigint} not null default 0`,
        `"reserved_micros" ${bigint} not null default 0`,
      ]);
    }
    this.addColumns('users', [`"budget_resets_at" ${bigint} null`]);
  }

  override down(): void {
    this.dropColumns('users', ['budget_resets_at']);
    for (const table of ['runs', 'unkept_runs']) this.dropColumns(table, ['reserved_tokens', 'reserved_micros']);
    this.addSql('drop table "budgets"');
  }
}
