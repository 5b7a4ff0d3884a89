import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemReason } from '../../backend/src/config/checks/system-reason.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { fingerprint } from './fingerprint.ts';
import type { Output } from './outputs.ts';

/**
 * Builds those outputs whose inputs have changed since they were built, side by side, and says so.
 * @returns whether anything had to be built.
 * @throws CommandFailed when one of them does not build, after the others are finished; or when there is no place for it.
 */
export async function ensureBuilt(...outputs: readonly Output[]): Promise<boolean> {
  const stale = outputs.filter((output) => !isFresh(output));
  if (stale.length === 0) return false;
  for (const folder of ['.', ...stale.flatMap(({ writes }) => writes)]) refuseUnwritable(folder);
  console.log(`Building the ${stale.map(({ name }) => name).join(' and the ')} ...`);
  const built = await Promise.all(stale.map(build));
  if (built.includes(false)) throw new CommandFailed('The build has failed; what the compiler said stands above.');
  return true;
}

function refuseUnwritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new CommandFailed(
      `Lockstep has to be built, and ${resolve(folder)} cannot be written: ${reason}. Run \`npm run build\` once as the user who installed it.`,
    );
  }
}

/** Where an output keeps the fingerprint of what it was made of; a leading dot keeps it from being served. */
const stampOf = (output: Output): string => join(output.directory, '.inputs');

function isFresh(output: Output): boolean {
  const stamp = stampOf(output);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(output.inputs);
}

async function build(output: Output): Promise<boolean> {
  // Taken before the build: what is saved meanwhile counts as a change next time.
  const inputs = fingerprint(output.inputs);
  const ended = await output.build();
  if (ended.ok) {
    writeFileSync(stampOf(output), inputs);
    console.log(`  ${output.name}: built in ${ended.seconds.toFixed(1)} s`);
  } else {
    console.error(`  ${output.name}: not built\n\n${ended.output}`);
  }
  return ended.ok;
}
