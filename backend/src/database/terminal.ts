import { inspect } from 'node:util';
import { ConfigError } from '../config/read-config.js';
import { DatabaseRefused } from './database-refused.js';

/** Runs a program for the terminal: prints the sentence that it ends with, or why it could not do what it should. */
export async function answerAtTerminal(work: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work()}\n`);
  } catch (error) {
    const isExpected = error instanceof ConfigError || error instanceof DatabaseRefused;
    process.stderr.write(`${isExpected ? error.message : inspect(error)}\n`);
    process.exitCode = 1;
  }
}
