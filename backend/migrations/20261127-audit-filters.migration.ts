import { PortableMigration } from './portable-migration.js';

const SEARCHED = ['actor_email', 'target_email', 'action', 'address', 'request_id', 'detail'];

/** The audit can be searched by text, and filtered by person, actor and action. */
export class AuditFilters20261127 extends PortableMigration {
  override name = '20261127-audit-filters';

  override up(): void {
    const text = SEARCHED.map((column) => `coalesce(cast("${column}" as text), '')`).join(` || ' ' || `);
    this.addColumns('audit', [`"search_text" ${this.types.text} null`]);
    this.addSql(`update "audit" set "search_text" = lower(${text})`);
    for (const column of ['actor_id', 'target_id', 'action']) this.createIndex('audit', [column]);
  }

  override down(): void {
    for (const column of ['actor_id', 'target_id', 'action']) this.dropIndex('audit', [column]);
    this.dropColumns('audit', ['search_text']);
  }
}
