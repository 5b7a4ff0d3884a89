import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.js';
import { codeOf, pathOf, systemReason } from './system-reason.js';

const BYTES = 48;
export const MIN_SECRET_LENGTH = 32;

/**
 * Reads the secret from the data folder; it is generated at the first start, so that sessions survive restarts.
 * @throws CannotStart about `DATA_DIR` when the folder is not writable, or the file has no valid secret
 */
export function keptSecret(dataDir: string): string {
  return aboutDataDir(dataDir, (path) => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return read(path) ?? make(path);
  });
}

/** The secret in the data folder; `undefined` before the first start. @throws CannotStart like `keptSecret` */
export const storedSecret = (dataDir: string): string | undefined => aboutDataDir(dataDir, read);

function aboutDataDir<T>(dataDir: string, work: (path: string) => T): T {
  const path = join(dataDir, 'app-secret');
  try {
    return work(path);
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new CannotStart(
      `DATA_DIR: ${pathOf(error) ?? path} cannot be used: ${reason}. Name a folder that this user may write to, or repair this one.`,
      { cause: error },
    );
  }
}

function read(path: string): string | undefined {
  const secret = unlessMissing(() => readFileSync(path, 'utf8').trim());
  if (secret !== undefined && secret.length < MIN_SECRET_LENGTH) {
    throw new CannotStart(
      `DATA_DIR: ${path} should hold a secret of ${MIN_SECRET_LENGTH} characters or more, and holds ${secret.length}. ` +
        'Restore it from a backup; or delete it, so that a new one is generated, and all users have to sign in again.',
    );
  }
  return secret;
}

/** Creates the secret atomically: on a full disk an empty file would otherwise be left, and be used as the secret. */
function make(path: string): string {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    writeFileSync(unfinished, randomBytes(BYTES).toString('base64url'), { mode: 0o600 });
    try {
      linkSync(unfinished, path);
    } catch (error) {
      // Another process was first: use its secret.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is wrong with two secrets at once, a sentence for each. */
export function halfRotated(settings: {
  readonly APP_SECRET?: string | undefined;
  readonly APP_SECRET_PREVIOUS?: string | undefined;
}): string[] {
  const { APP_SECRET: current, APP_SECRET_PREVIOUS: previous } = settings;
  if (previous === undefined) return [];
  if (current === undefined) return ['APP_SECRET: is missing beside APP_SECRET_PREVIOUS; set it to the new secret'];
  return current === previous
    ? ['APP_SECRET_PREVIOUS: is the same as APP_SECRET; remove it or set the new secret']
    : [];
}
