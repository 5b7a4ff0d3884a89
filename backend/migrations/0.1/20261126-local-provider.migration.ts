import { PortableMigration } from '../portable-migration.js';

/** The provider of a server without credentials has another name, and its accounts go with it. */
export class LocalProvider20261126 extends PortableMigration {
  override name = '20261126-local-provider';

  override up(): void {
    this.addSql(`update "identities" set "provider" = 'local' where "provider" = 'stand-in'`);
  }

  override down(): void {
    this.addSql(`update "identities" set "provider" = 'stand-in' where "provider" = 'local'`);
  }
}
