import { inspect } from 'node:util';
import { terminalSentence } from '../../config/checks/cannot-start.js';

/** Runs a program for the terminal: prints the sentence that it ends with, or why it could not do what it should. */
export async function answerAtTerminal(work: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work()}\n`);
  } catch (error) {
    process.stderr.write(`${terminalSentence(error) ?? inspect(error)}\n`);
    process.exitCode = 1;
  }
}
