import { PortableMigration } from './portable-migration.js';

/**
 * Announcements by admins, and which of them a user has closed; who may ask a model: without a row everybody may, as
 * before.
 */
export class Team20261126 extends PortableMigration {
  override name = '20261126-team';

  override up(): void {
    const { uuid, json, bigint, string } = this.types;
    this.createTable('announcements', [
      `"id" ${uuid} not null`,
      `"text" ${string(500)} not null`,
      `"tone" ${string(20)} not null`,
      `"roles" ${json} not null`,
      `"author_email" ${string(320)} null`,
      `"created_at" ${bigint} not null`,
      `"ends_at" ${bigint} null`,
      `"withdrawn_at" ${bigint} null`,
      'primary key ("id")',
    ]);
    this.createTable('dismissed_announcements', [
      `"user_id" ${uuid} not null`,
      `"announcement_id" ${uuid} not null`,
      `"dismissed_at" ${bigint} not null`,
      'primary key ("user_id", "announcement_id")',
      this.belongsTo('dismissed_announcements', 'user_id', 'users'),
      this.belongsTo('dismissed_announcements', 'announcement_id', 'announcements'),
    ]);
    this.createIndex('dismissed_announcements', ['announcement_id']);
    this.createTable('model_access', [
      `"id" ${uuid} not null`,
      `"model" ${string(200)} not null`,
      `"role" ${string(20)} null`,
      `"user_id" ${uuid} null`,
      'primary key ("id")',
    ]);
    this.createUnique('model_access', ['model', 'role']);
    this.createUnique('model_access', ['model', 'user_id']);
  }

  override down(): void {
    this.addSql('drop table "model_access"');
    this.addSql('drop table "dismissed_announcements"');
    this.addSql('drop table "announcements"');
  }
}
