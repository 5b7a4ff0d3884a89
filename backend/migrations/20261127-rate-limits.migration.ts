import { PortableMigration } from './portable-migration.js';

/** The counts of all limits, which were kept in the memory of each process before. */
export class RateLimits20261127 extends PortableMigration {
  override name = '20261127-rate-limits';

  override up(): void {
    const { string, integer, bigint } = this.types;
    this.createTable('rate_limits', [
      `"key" ${string(120)} not null primary key`,
      `"points" ${integer} not null`,
      `"expires_at" ${bigint} not null`,
    ]);
    this.createIndex('rate_limits', ['expires_at']);
  }

  override down(): void {
    this.addSql('drop table "rate_limits"');
  }
}
