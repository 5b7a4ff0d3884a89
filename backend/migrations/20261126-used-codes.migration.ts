import { PortableMigration } from './portable-migration.js';

/** Which session a code of the sign-in has opened, so that its second use ends it. Codes from before live for a minute. */
export class UsedCodes20261126 extends PortableMigration {
  override name = '20261126-used-codes';

  override up(): void {
    this.addColumns('login_codes', [`"session_id" ${this.types.uuid} null`]);
  }

  /** A version that knows no used codes would take them for good ones. */
  override down(): void {
    this.addSql('delete from "login_codes" where "session_id" is not null');
    this.dropColumns('login_codes', ['session_id']);
  }
}
