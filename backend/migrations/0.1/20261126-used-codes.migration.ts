import { PortableMigration } from '../portable-migration.js';

/** The session that a sign-in code has opened, so that its second use ends it. Older codes expire within a minute. */
export class UsedCodes20261126 extends PortableMigration {
  override name = '20261126-used-codes';

  override up(): void {
    this.addColumns('login_codes', [`"session_id" ${this.types.uuid} null`]);
  }

  /** Removes used codes, which an older version would accept. */
  override down(): void {
    this.addSql('delete from "login_codes" where "session_id" is not null');
    this.dropColumns('login_codes', ['session_id']);
  }
}
