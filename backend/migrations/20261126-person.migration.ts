import { PortableMigration } from './portable-migration.js';

/**
 * The pictures of users, of which those of existing accounts are fetched at their next sign-in, and what users wrote for
 * the model.
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
    this.addColumns('users', [`"picture_hash" ${string(43)} null`, `"personal" ${json} null`]);
  }

  override down(): void {
    this.dropColumns('users', ['picture_hash', 'personal']);
    this.addSql('drop table "pictures"');
  }
}
