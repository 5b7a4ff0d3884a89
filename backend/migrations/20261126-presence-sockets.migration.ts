import { PortableMigration } from './portable-migration.js';

/** How many sockets a person has on a process. One that runs an older version says nothing of it: one is a fair guess. */
export class PresenceSockets20261126 extends PortableMigration {
  override name = '20261126-presence-sockets';

  override up(): void {
    this.addColumns('presence', [`"sockets" ${this.types.integer} not null default 1`]);
  }

  override down(): void {
    this.dropColumns('presence', ['sockets']);
  }
}
