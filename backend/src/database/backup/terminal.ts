import { inspect } from 'node:util';
import { terminalSentence } from '../../config/checks/cannot-start.js';

/** Runs a command-line program: prints its resulting message, or why it failed. */
export async function answerAtTerminal(work: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work()}\n`);
  } catch (error) {
    process.stderr.write(`${terminalSentence(error) ?? inspect(error)}\n`);
    process.exitCode = 1;
  }
}
