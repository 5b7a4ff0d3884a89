import { PortableMigration } from './portable-migration.js';

/**
 * The pictures of users, of which those of existing accounts are fetched at their next sign-in; what users wrote for the
 * model; and the deletion of accounts, after which usage stays without a name.
 */
export class Person20261126 extends PortableMigration {
  override name = '20261126-person';

  override up(): void {
    const { uuid, string, bytes, bigint, json } = this.types;
    this.createTable('pictures', [
      `"user_id" ${uuid} not null primary key`,
      `"source" ${string(2000)} not null`,
      `"content_type" ${string(20)} not null`,
      `"hash" ${string(43)} not null`,
      `"bytes" ${bytes} not null`,
      `"fetched_at" ${bigint} not null`,
      this.belongsTo('pictures', 'user_id', 'users'),
    ]);
    this.addColumns('users', [
      `"picture_hash" ${string(43)} null`,
      `"personal" ${json} null`,
      `"deleting_since" ${bigint} null`,
    ]);
    this.ownersOfUsage('set null');
  }

  override down(): void {
    // The version before cannot show usage without a user.
    this.addSql('delete from "usage_entries" where "user_id" is null');
    this.ownersOfUsage('cascade');
    this.dropColumns('users', ['picture_hash', 'personal', 'deleting_since']);
    this.addSql('drop table "pictures"');
  }

  /** What happens to usage when its user is deleted. SQLite cannot change a column, so it gets a new table. */
  private ownersOfUsage(rule: 'cascade' | 'set null'): void {
    const isOptional = rule === 'set null';
    const name = 'usage_entries_user_id_foreign';
    const foreign = `constraint "${name}" foreign key ("user_id") references "users" ("id") on delete ${rule}`;
    if (this.isPostgresql) {
      this.addSql(`alter table "usage_entries" drop constraint "${name}"`);
      this.addSql(`alter table "usage_entries" alter column "user_id" ${isOptional ? 'drop' : 'set'} not null`);
      this.addSql(`alter table "usage_entries" add ${foreign}`);
      return;
    }
    const { uuid, string, bigint, integer, boolean } = this.types;
    this.createTable('new_usage_entries', [
      `"run_id" ${uuid} not null primary key`,
      `"user_id" ${uuid} ${isOptional ? 'null' : 'not null'}`,
      `"model" ${string(200)} not null`,
      `"at" ${bigint} not null`,
      `"input_tokens" ${integer} not null`,
      `"output_tokens" ${integer} not null`,
      `"cost_micros" ${bigint} null`,
      `"estimated" ${boolean} not null`,
      foreign,
    ]);
    const columns = 'run_id, user_id, model, at, input_tokens, output_tokens, cost_micros, estimated';
    this.addSql(`insert into "new_usage_entries" (${columns}) select ${columns} from "usage_entries"`);
    this.addSql('drop table "usage_entries"');
    this.addSql('alter table "new_usage_entries" rename to "usage_entries"');
    this.createIndex('usage_entries', ['user_id', 'at']);
    this.createIndex('usage_entries', ['at']);
  }
}
