import { CannotStart } from '../config/checks/cannot-start.js';

/** The database, or a backup, cannot be used as it is; the message tells the person at the terminal what to do. */
export class DatabaseRefused extends CannotStart {
  override readonly name: string = 'DatabaseRefused';
}
