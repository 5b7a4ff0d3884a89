import { PortableMigration } from '../portable-migration.js';

/** Settings, usage and cost of conversations; ratings; queued messages; drafts; deletions that can be undone. */
export class ConversationsInUse20261123 extends PortableMigration {
  override name = '20261123-conversations-in-use';

  override up(): void {
    const { uuid, json, boolean, integer, bigint, text, string } = this.types;

    this.addColumns('conversations', [
      `"settings" ${json} not null default '{}'`,
      `"input_tokens" ${bigint} not null default '0'`,
      `"output_tokens" ${bigint} not null default '0'`,
      `"cost_micros" ${bigint} null`,
      `"usage_estimated" ${boolean} not null default false`,
      `"deleted_at" ${bigint} null`,
    ]);
    this.createIndex('conversations', ['deleted_at']);

    this.addColumns('conversation_history', [
      `"cost_micros" ${bigint} null`,
      `"usage_estimated" ${boolean} not null default false`,
      `"rating" ${string(10)} null`,
    ]);

    this.addColumns('runs', [`"client_message_id" ${uuid} null`, `"payload_hash" ${string(43)} null`]);
    this.createUnique('runs', ['user_id', 'client_message_id']);

    // Usage stays when the conversation is removed, because it was paid for.
    this.createTable('usage_entries', [
      `"run_id" ${uuid} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"model" ${string(200)} not null`,
      `"at" ${bigint} not null`,
      `"input_tokens" ${integer} not null`,
      `"output_tokens" ${integer} not null`,
      `"cost_micros" ${bigint} null`,
      `"estimated" ${boolean} not null`,
      this.belongsTo('usage_entries', 'user_id', 'users'),
    ]);
    this.createIndex('usage_entries', ['user_id', 'at']);
    this.createIndex('usage_entries', ['at']);

    this.createTable('queued_messages', [
      `"id" ${uuid} not null primary key`,
      `"conversation_id" ${uuid} not null`,
      `"user_id" ${uuid} not null`,
      `"run_id" ${uuid} not null`,
      `"client_message_id" ${uuid} not null`,
      `"payload_hash" ${string(43)} not null`,
      `"text" ${text} not null`,
      `"model" ${string(200)} null`,
      `"created_at" ${bigint} not null`,
      `"withdrawn_at" ${bigint} null`,
      this.belongsTo('queued_messages', 'conversation_id', 'conversations'),
      this.belongsTo('queued_messages', 'user_id', 'users'),
    ]);
    this.createIndex('queued_messages', ['conversation_id', 'id']);
    this.createUnique('queued_messages', ['user_id', 'client_message_id']);

    // `place` is the id of the conversation, or of the user for the draft of a new conversation.
    this.createTable('drafts', [
      `"place" ${uuid} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"text" ${text} not null`,
      `"origin" ${uuid} not null`,
      `"at" ${bigint} not null`,
      this.belongsTo('drafts', 'user_id', 'users'),
    ]);
    this.createIndex('drafts', ['user_id']);
  }

  override down(): void {
    for (const table of ['drafts', 'queued_messages', 'usage_entries']) this.addSql(`drop table "${table}"`);
    this.dropUnique('runs', ['user_id', 'client_message_id']);
    this.dropColumns('runs', ['client_message_id', 'payload_hash']);
    this.dropColumns('conversation_history', ['cost_micros', 'usage_estimated', 'rating']);
    this.addSql('drop index "conversations_deleted_at_index"');
    this.dropColumns('conversations', [
      'settings',
      'input_tokens',
      'output_tokens',
      'cost_micros',
      'usage_estimated',
      'deleted_at',
    ]);
  }
}
