import { PortableMigration } from '../portable-migration.js';

export class Initial20261122 extends PortableMigration {
  override name = '20261122-initial';

  override up(): void {
    const { uuid, json, boolean, integer, bigint, text, string } = this.types;

    this.createTable('meta', [`"key" ${string(50)} not null primary key`, `"value" ${string(200)} not null`]);

    this.createTable('users', [
      `"id" ${uuid} not null primary key`,
      `"email" ${string(320)} not null`,
      `"name" ${string(200)} not null`,
      `"has_own_name" ${boolean} not null`,
      `"picture" ${string(2000)} null`,
      `"search_text" ${text} not null`,
      `"role" ${string(20)} not null`,
      `"disabled" ${boolean} not null`,
      `"preferences" ${json} not null`,
      `"created_at" ${bigint} not null`,
      `"last_seen_at" ${bigint} null`,
    ]);
    this.createIndex('users', ['email']);

    this.createTable('identities', [
      `"provider" ${string(100)} not null`,
      `"subject" ${string(255)} not null`,
      `"user_id" ${uuid} not null`,
      `"created_at" ${bigint} not null`,
      `primary key ("provider", "subject")`,
      this.belongsTo('identities', 'user_id', 'users'),
    ]);
    this.createIndex('identities', ['user_id']);

    this.createTable('presence', [
      `"user_id" ${uuid} not null`,
      `"process_id" ${uuid} not null`,
      `"seen_at" ${bigint} not null`,
      `primary key ("user_id", "process_id")`,
      this.belongsTo('presence', 'user_id', 'users'),
    ]);
    this.createIndex('presence', ['seen_at']);

    this.createTable('audit', [
      `"id" ${uuid} not null primary key`,
      `"at" ${bigint} not null`,
      `"actor_id" ${uuid} null`,
      `"actor_email" ${string(320)} null`,
      `"action" ${string(100)} not null`,
      `"target_id" ${uuid} null`,
      `"target_email" ${string(320)} null`,
      `"detail" ${json} not null`,
    ]);
    this.createIndex('audit', ['at']);

    this.createTable('sessions', [
      `"id" ${uuid} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"token_hash" ${string(43)} not null`,
      `"previous_token_hash" ${string(43)} null`,
      `"rotated_at" ${bigint} not null`,
      `"user_agent" ${string(200)} not null`,
      `"created_at" ${bigint} not null`,
      `"last_used_at" ${bigint} not null`,
      `"expires_at" ${bigint} not null`,
      `"ended_at" ${bigint} null`,
      this.belongsTo('sessions', 'user_id', 'users'),
    ]);
    this.createIndex('sessions', ['user_id']);
    this.createIndex('sessions', ['previous_token_hash']);
    this.createUnique('sessions', ['token_hash']);

    this.createTable('login_codes', [
      `"code_hash" ${string(43)} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"challenge" ${string(43)} not null`,
      `"expires_at" ${bigint} not null`,
      this.belongsTo('login_codes', 'user_id', 'users'),
    ]);
    this.createIndex('login_codes', ['user_id']);
    this.createIndex('login_codes', ['expires_at']);

    this.createTable('used_states', [
      `"state_hash" ${string(43)} not null primary key`,
      `"expires_at" ${bigint} not null`,
    ]);
    this.createIndex('used_states', ['expires_at']);

    this.createTable('conversations', [
      `"id" ${uuid} not null primary key`,
      `"user_id" ${uuid} not null`,
      `"title" ${string(200)} not null`,
      `"title_source" ${string(20)} not null`,
      `"pinned" ${boolean} not null`,
      `"archived" ${boolean} not null`,
      `"leaf_id" ${uuid} null`,
      `"created_at" ${bigint} not null`,
      `"updated_at" ${bigint} not null`,
      this.belongsTo('conversations', 'user_id', 'users'),
    ]);
    this.createIndex('conversations', ['user_id', 'updated_at', 'id']);

    this.createTable('conversation_history', [
      `"id" ${uuid} not null primary key`,
      `"conversation_id" ${uuid} not null`,
      `"user_id" ${uuid} not null`,
      `"parent_id" ${uuid} null`,
      `"role" ${string(20)} not null`,
      `"text" ${text} not null`,
      `"status" ${string(20)} not null`,
      `"model" ${string(200)} null`,
      `"run_id" ${uuid} null`,
      `"client_message_id" ${uuid} null`,
      `"payload_hash" ${string(43)} null`,
      `"input_tokens" ${integer} null`,
      `"output_tokens" ${integer} null`,
      `"error_code" ${string(40)} null`,
      `"request_id" ${string(100)} null`,
      `"created_at" ${bigint} not null`,
      this.belongsTo('conversation_history', 'conversation_id', 'conversations'),
      this.belongsTo('conversation_history', 'user_id', 'users'),
    ]);
    this.createIndex('conversation_history', ['conversation_id', 'parent_id']);
    this.createUnique('conversation_history', ['user_id', 'client_message_id']);

    this.createTable('runs', [
      `"id" ${uuid} not null primary key`,
      `"conversation_id" ${uuid} not null`,
      `"user_id" ${uuid} not null`,
      `"message_id" ${uuid} not null`,
      `"status" ${string(20)} not null`,
      `"model" ${string(200)} not null`,
      `"fence" ${integer} not null`,
      `"owner_id" ${uuid} not null`,
      `"lease_until" ${bigint} not null`,
      `"first_seq" ${bigint} not null`,
      `"request_id" ${string(100)} not null`,
      `"created_at" ${bigint} not null`,
      `"finished_at" ${bigint} null`,
      this.belongsTo('runs', 'conversation_id', 'conversations'),
      this.belongsTo('runs', 'user_id', 'users'),
    ]);
    this.createIndex('runs', ['conversation_id']);
    this.createIndex('runs', ['user_id']);
    this.createIndex('runs', ['status', 'lease_until']);

    this.createTable('stream_heads', [
      `"stream" ${string(100)} not null primary key`,
      `"seq" ${bigint} not null`,
      `"kept_after" ${bigint} not null`,
    ]);

    this.createTable('stream_events', [
      `"stream" ${string(100)} not null`,
      `"seq" ${bigint} not null`,
      `"type" ${string(40)} not null`,
      `"at" ${bigint} not null`,
      `"data" ${text} not null`,
      `primary key ("stream", "seq")`,
    ]);
    this.createIndex('stream_events', ['at']);
  }

  override down(): void {
    for (const table of [
      'stream_events',
      'stream_heads',
      'runs',
      'conversation_history',
      'conversations',
      'used_states',
      'login_codes',
      'sessions',
      'audit',
      'presence',
      'identities',
      'users',
      'meta',
    ]) {
      this.addSql(`drop table "${table}"`);
    }
  }
}
