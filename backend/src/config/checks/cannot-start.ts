import { pathOf, systemReason } from './system-reason.js';

/** The program cannot do its work as things are; the message tells the person at the terminal why, and what to do. */
export class CannotStart extends Error {
  override readonly name: string = 'CannotStart';
}

/**
 * What the person at the terminal is told of an error that ended the program: a sentence where they can do something,
 * `undefined` where a stack is of more use to whoever mends the program.
 */
export function terminalSentence(error: unknown): string | undefined {
  if (error instanceof CannotStart) return error.message;
  const [path, reason] = [pathOf(error), systemReason(error)];
  return path !== undefined && reason !== undefined ? `${path} cannot be used: ${reason}.` : undefined;
}
