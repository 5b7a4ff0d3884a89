import { PortableMigration } from '../portable-migration.js';

/** The origin of audit entries; for older entries it is not known. */
export class AuditOrigin20261126 extends PortableMigration {
  override name = '20261126-audit-origin';

  override up(): void {
    const { string } = this.types;
    this.addColumns('audit', [`"address" ${string(45)} null`, `"request_id" ${string(64)} null`]);
  }

  override down(): void {
    this.dropColumns('audit', ['address', 'request_id']);
  }
}
