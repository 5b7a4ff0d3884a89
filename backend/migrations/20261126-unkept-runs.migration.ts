import { PortableMigration } from './portable-migration.js';

/** Runs in progress whose reply is not kept. An older version has none. */
export class UnkeptRuns20261126 extends PortableMigration {
  override name = '20261126-unkept-runs';

  override up(): void {
    const { uuid, string, bigint } = this.types;
    this.createTable('unkept_runs', [
      `"id" ${uuid} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"model" ${string(200)} not null`,
      `"request_id" ${string(100)} not null`,
      `"lease_until" ${bigint} not null`,
      `"created_at" ${bigint} not null`,
      this.belongsTo('unkept_runs', 'user_id', 'users'),
    ]);
    this.createIndex('unkept_runs', ['user_id']);
  }

  override down(): void {
    this.addSql('drop table "unkept_runs"');
  }
}
