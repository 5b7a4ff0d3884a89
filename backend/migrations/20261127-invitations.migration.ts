import { PortableMigration } from './portable-migration.js';

/** Invitations: e-mail addresses with a role, which wait for their first sign-in. */
export class Invitations20261127 extends PortableMigration {
  override name = '20261127-invitations';

  override up(): void {
    const { uuid, bigint, string } = this.types;
    this.createTable('invitations', [
      `"id" ${uuid} not null`,
      `"email" ${string(320)} not null`,
      `"email_key" ${string(320)} not null`,
      `"role" ${string(20)} not null`,
      `"inviter_email" ${string(320)} not null`,
      `"created_at" ${bigint} not null`,
      `"expires_at" ${bigint} not null`,
      'primary key ("id")',
    ]);
    this.createUnique('invitations', ['email_key']);
    this.createIndex('invitations', ['expires_at']);
  }

  override down(): void {
    this.addSql('drop table "invitations"');
  }
}
