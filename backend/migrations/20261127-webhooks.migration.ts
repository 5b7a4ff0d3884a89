import { PortableMigration } from './portable-migration.js';

/** Webhooks, and the events on their way to them. An older version sends nothing. */
export class Webhooks20261127 extends PortableMigration {
  override name = '20261127-webhooks';

  override up(): void {
    const { uuid, string, json, bigint, integer, text } = this.types;
    this.createTable('webhooks', [
      `"id" ${uuid} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"scope" ${string(20)} not null`,
      `"name" ${string(200)} not null`,
      `"url" ${string(2000)} not null`,
      `"events" ${json} not null`,
      `"sealed_secret" ${string(500)} not null`,
      `"sealed_former_secret" ${string(500)} null`,
      `"rolled_at" ${bigint} null`,
      `"status" ${string(20)} not null`,
      `"failing_since" ${bigint} null`,
      `"created_at" ${bigint} not null`,
      this.belongsTo('webhooks', 'user_id', 'users'),
    ]);
    this.createIndex('webhooks', ['user_id']);
    this.createIndex('webhooks', ['scope']);
    this.createTable('webhook_deliveries', [
      `"id" ${uuid} not null primary key`,
      `"webhook_id" ${uuid} not null`,
      `"type" ${string(40)} not null`,
      `"payload" ${text} not null`,
      `"status" ${string(20)} not null`,
      `"attempts" ${integer} not null`,
      `"failures" ${integer} not null`,
      `"created_at" ${bigint} not null`,
      `"attempted_at" ${bigint} null`,
      `"due_at" ${bigint} null`,
      `"lease_until" ${bigint} null`,
      `"give_up_at" ${bigint} not null`,
      `"answer_status" ${integer} null`,
      `"failure" ${string(40)} null`,
      this.belongsTo('webhook_deliveries', 'webhook_id', 'webhooks'),
    ]);
    this.createIndex('webhook_deliveries', ['webhook_id']);
    this.createIndex('webhook_deliveries', ['due_at']);
    this.createIndex('webhook_deliveries', ['created_at']);
  }

  override down(): void {
    this.addSql('drop table "webhook_deliveries"');
    this.addSql('drop table "webhooks"');
  }
}
