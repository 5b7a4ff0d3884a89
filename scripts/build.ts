import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemReason } from '../backend/src/config/checks/system-reason.ts';
import { type Inputs, type Output, page, server } from './outputs.ts';
import { CommandFailed } from './programs.ts';

const LOCK = 'dist-building.lock';
const LOOK_AGAIN_MS = 100;

/** `npm run build`, and Playwright's global setup: its tests run against the production build. */
export default async function build(command: unknown): Promise<void> {
  const isBuilt = await ensureBuilt(server, page);
  if (!isBuilt && command === 'build') console.log('Nothing has changed since the last build.');
}

/**
 * Builds the outputs whose inputs have changed since the last build, in parallel. Waits while another command builds.
 * @returns whether anything had to be built
 * @throws CommandFailed when an output cannot be built or written; other builds are finished first
 */
export async function ensureBuilt(...outputs: readonly Output[]): Promise<boolean> {
  const wanted = outputs.filter((output) => !isFresh(output));
  if (wanted.length === 0) return false;
  for (const folder of ['.', ...wanted.flatMap(({ writes }) => writes)]) refuseUnwritable(folder);
  const unlock = await lockBuilds();
  try {
    const stale = wanted.filter((output) => !isFresh(output));
    if (stale.length > 0) await buildAll(stale);
  } finally {
    unlock();
  }
  return true;
}

async function buildAll(stale: readonly Output[]): Promise<void> {
  console.log(`Building the ${stale.map(({ name }) => name).join(' and the ')} ...`);
  const built = await Promise.all(stale.map(buildOne));
  if (built.includes(false)) throw new CommandFailed('The build has failed; see the output of the compiler above.');
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

/**
 * Two builds at once would write to the same folders. The lock is an open transaction on a SQLite file, which the system
 * releases however this process ends.
 */
async function lockBuilds(): Promise<() => void> {
  const { default: Database } = await import('better-sqlite3');
  const lock = new Database(LOCK, { timeout: 0 });
  for (let hasSaid = false; ; hasSaid = true) {
    try {
      lock.exec('begin exclusive');
      return () => void lock.close();
    } catch (error) {
      if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))) throw error;
    }
    if (!hasSaid) console.log('Another command is building; waiting for it ...');
    await delay(LOOK_AGAIN_MS);
  }
}

/** The file with the fingerprint of an output's inputs; because of the leading dot it is not served. */
const stampOf = (output: Output): string => join(output.directory, '.inputs');

function isFresh(output: Output): boolean {
  const stamp = stampOf(output);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(output.inputs);
}

async function buildOne(output: Output): Promise<boolean> {
  // Computed before the build, so that files saved meanwhile count as changes next time.
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

/**
 * One hash over the names and contents of all inputs. Contents and not times, so that a new checkout, a branch that was
 * switched back and forth, and a copied folder count as unchanged.
 */
export function fingerprint(inputs: Inputs, root = '.'): string {
  const paths = globSync([...inputs.include], { cwd: root, exclude: [...inputs.exclude], withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
  const hash = createHash('sha256');
  for (const path of new Set(paths)) {
    const content = readFileSync(path);
    hash.update(`${path.slice(path.indexOf(root) + root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
