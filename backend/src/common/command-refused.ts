import { CannotStart } from '../config/checks/cannot-start.js';

/** A command-line program refuses its work; the message says why and what would help. */
export class CommandRefused extends CannotStart {
  override readonly name: string = 'CommandRefused';
}

/** The arguments of a command-line program are wrong; its exit code is 2. */
export class WrongUsage extends CommandRefused {
  override readonly name = 'WrongUsage';
}
