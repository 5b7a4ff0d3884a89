import { inspect, parseArgs, type ParseArgsConfig } from 'node:util';
import { WrongUsage } from '../common/command-refused.js';
import { terminalSentence } from '../config/checks/cannot-start.js';
import { codeOf } from '../config/checks/system-reason.js';
import { ChatError } from '../protocol/index.js';

/**
 * Runs a command-line program. Its standard output has only the data, and messages go to standard error. The exit code is
 * 0 when it has done its work, 1 when it could not, and 2 when its arguments are wrong.
 *
 * @param usage what `--help` prints
 */
export async function runProgram(usage: string, work: (args: string[]) => Promise<void>): Promise<void> {
  const args = process.argv.slice(2);
  // The reader of a pipe has read enough, such as `head`.
  process.stdout.on('error', (error) => process.exit(codeOf(error) === 'EPIPE' ? 0 : 1));
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  try {
    await work(args);
  } catch (error) {
    const sentence = error instanceof ChatError ? error.message : terminalSentence(error);
    process.stderr.write(`${sentence ?? inspect(error)}\n`);
    if (error instanceof WrongUsage) process.stderr.write(`\n${usage}\n`);
    process.exitCode = error instanceof WrongUsage ? 2 : 1;
  }
}

/** Reads the arguments after the options. @throws WrongUsage for unknown options and missing values */
export function readArguments<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config & { allowPositionals: true }>> {
  try {
    return parseArgs({ ...config, allowPositionals: true });
  } catch (error) {
    if (!codeOf(error).startsWith('ERR_PARSE_ARGS')) throw error;
    throw new WrongUsage(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The only argument. @throws WrongUsage when there is none, or more than one */
export function onlyArgument(positionals: readonly string[], name: string): string {
  const [first, ...others] = positionals;
  if (first === undefined) throw new WrongUsage(`${name} is missing.`);
  if (others.length > 0) throw new WrongUsage(`One ${name} is enough: "${others.join(' ')}" is too much.`);
  return first;
}

/** One of some words. @throws WrongUsage for another one */
export function oneOf<Word extends string>(words: readonly Word[], given: string, what: string): Word {
  const found = words.find((word) => word === given);
  if (found === undefined) throw new WrongUsage(`There is no ${what} "${given}". Possible are ${words.join(', ')}.`);
  return found;
}
