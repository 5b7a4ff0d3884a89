import { pathOf, systemReason } from './system-reason.js';

/** The program cannot start or do its work; the message tells the operator why, and what to do. */
export class CannotStart extends Error {
  override readonly name: string = 'CannotStart';
}

/**
 * The message to print for an error that ended the program: a sentence if the operator can do something about it,
 * `undefined` if a stack trace is more useful.
 */
export function terminalSentence(error: unknown): string | undefined {
  if (error instanceof CannotStart) return error.message;
  const [path, reason] = [pathOf(error), systemReason(error)];
  return path !== undefined && reason !== undefined ? `${path} cannot be used: ${reason}.` : undefined;
}
