import { PortableMigration } from './portable-migration.js';

/** The pictures of users. Those of existing accounts are fetched at their next sign-in. */
export class Pictures20261126 extends PortableMigration {
  override name = '20261126-pictures';

  override up(): void {
    const { uuid, string, bytes, bigint } = this.types;
    this.createTable('pictures', [
      `"user_id" ${uuid} not null primary key`,
      `"source" ${string(2000)} not null`,
      `"content_type" ${string(20)} not null`,
      `"hash" ${string(43)} not null`,
      `"bytes" ${bytes} not null`,
      `"fetched_at" ${bigint} not null`,
      this.belongsTo('pictures', 'user_id', 'users'),
    ]);
    this.addColumns('users', [`"picture_hash" ${string(43)} null`]);
  }

  override down(): void {
    this.dropColumns('users', ['picture_hash']);
    this.addSql('drop table "pictures"');
  }
}
