import { PortableMigration } from '../portable-migration.js';

/** The number of sockets of a user on a process. Processes of older versions do not write it, so the default is 1. */
export class PresenceSockets20261126 extends PortableMigration {
  override name = '20261126-presence-sockets';

  override up(): void {
    this.addColumns('presence', [`"sockets" ${this.types.integer} not null default 1`]);
  }

  override down(): void {
    this.dropColumns('presence', ['sockets']);
  }
}
