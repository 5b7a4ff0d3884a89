import { PortableMigration } from './portable-migration.js';

/** Signed in by whom: the columns of a session, and of the code that opens it. */
const PROVIDER_SESSION = ['issuer', 'provider_session', 'id_token'];

/**
 * Identities belong to an issuer instead of a host, because one host may have several issuers. The rows of another
 * provider than Google keep their host until the server, which knows the issuer, starts (`auth/providers/adopt-hosts.ts`).
 */
export class Issuers20261126 extends PortableMigration {
  override name = '20261126-issuers';

  override up(): void {
    const { bigint, string, text } = this.types;
    this.addSql(`alter table "identities" rename column "provider" to "issuer"`);
    if (this.isPostgresql) this.addSql(`alter table "identities" alter column "issuer" type ${string(500)}`);
    this.addColumns('identities', [`"email" ${string(320)} null`, `"last_used_at" ${bigint} null`]);
    this.addSql(`update "identities" set "issuer" = 'https://accounts.google.com' where "issuer" = 'google'`);
    for (const table of ['sessions', 'login_codes']) {
      this.addColumns(table, [
        `"issuer" ${string(500)} null`,
        `"provider_session" ${string(255)} null`,
        `"id_token" ${text} null`,
      ]);
    }
    this.createIndex('sessions', ['issuer', 'provider_session']);
    this.addColumns('users', [`"role_issuer" ${string(500)} null`]);
  }

  override down(): void {
    this.dropColumns('users', ['role_issuer']);
    this.dropIndex('sessions', ['issuer', 'provider_session']);
    for (const table of ['sessions', 'login_codes']) this.dropColumns(table, PROVIDER_SESSION);
    this.addSql(`update "identities" set "issuer" = 'google' where "issuer" = 'https://accounts.google.com'`);
    this.dropColumns('identities', ['email', 'last_used_at']);
    // As a host again, and no longer than the former column.
    this.addSql(
      `update "identities" set "issuer" = substr(replace(replace("issuer", 'https://', ''), 'http://', ''), 1, 100)`,
    );
    if (this.isPostgresql) {
      this.addSql(`update "identities" set "issuer" = split_part("issuer", '/', 1)`);
      this.addSql(`alter table "identities" alter column "issuer" type ${this.types.string(100)}`);
    } else {
      this.addSql(
        `update "identities" set "issuer" = substr("issuer", 1, instr("issuer", '/') - 1) where instr("issuer", '/') > 0`,
      );
    }
    this.addSql(`alter table "identities" rename column "issuer" to "provider"`);
  }
}
