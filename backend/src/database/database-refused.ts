import { CannotStart } from '../config/checks/cannot-start.js';

/** The database or a backup cannot be used; the message tells the operator what to do. */
export class DatabaseRefused extends CannotStart {
  override readonly name: string = 'DatabaseRefused';
}
