import { PortableMigration } from './portable-migration.js';

/** Tokens of users for programs. An older version does not accept them. */
export class PersonalTokens20261126 extends PortableMigration {
  override name = '20261126-personal-tokens';

  override up(): void {
    const { uuid, string, json, bigint } = this.types;
    this.createTable('personal_tokens', [
      `"id" ${uuid} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"name" ${string(200)} not null`,
      `"token_hash" ${string(43)} not null`,
      `"scopes" ${json} not null`,
      `"created_at" ${bigint} not null`,
      `"expires_at" ${bigint} null`,
      `"last_used_at" ${bigint} null`,
      this.belongsTo('personal_tokens', 'user_id', 'users'),
    ]);
    this.createIndex('personal_tokens', ['user_id']);
    this.createUnique('personal_tokens', ['token_hash']);
    this.createIndex('personal_tokens', ['expires_at']);
  }

  override down(): void {
    this.addSql('drop table "personal_tokens"');
  }
}
