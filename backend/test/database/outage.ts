import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Database } from '../../src/database/database.js';
import type { TestServer } from '../support/test-server.js';

/** A cause for which SQLite cannot write for a while. */
export interface Outage extends Disposable {
  /** Where the database has to be. */
  readonly path: string;
  begin(server: TestServer): Promise<void>;
  end(server: TestServer): Promise<void>;
}

export interface OutageKind {
  readonly name: string;
  make(): Outage;
}

/** Limits of SQLite itself, which produce the error codes of a full disk and of a read-only file. */
const byPragma = (begin: string, end: string) => (): Outage => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-outage-'));
  const set = (server: TestServer, pragma: string): Promise<void> =>
    server.get(Database).read(async (em) => void (await em.execute(`pragma ${pragma}`)));
  return {
    path: join(directory, 'chat.db'),
    begin: (server) => set(server, begin),
    end: (server) => set(server, end),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};

/** A disk of a few megabytes that is really filled. */
function smallDisk(): Outage {
  const directory = mountSmallDisk();
  if (directory === undefined) throw new Error('No disk could be mounted');
  const filler = join(directory, 'filler');
  const path = join(directory, 'chat.db');
  return {
    path,
    begin() {
      // Otherwise the file of the log would have room for the next commits.
      const other = new Sqlite(path);
      other.pragma('wal_checkpoint(truncate)');
      other.close();
      fill(filler);
      return Promise.resolve();
    },
    end() {
      rmSync(filler);
      return Promise.resolve();
    },
    [Symbol.dispose]() {
      execFileSync('umount', ['--lazy', directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Writes into a file until the disk is full. */
export function fill(path: string): void {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096, 1);
  try {
    for (;;) writeSync(file, page);
  } catch (error) {
    // Not `instanceof Error`: Jest runs tests in a separate realm.
    if ((error as { readonly code?: unknown }).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

/** Mounts a small file system. @returns its folder; `undefined` without permission, as in most containers */
export function mountSmallDisk(megabytes = 8): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    // Not permitted, or the command is missing: only the other outages are tested.
    rmSync(directory, { recursive: true });
    return undefined;
  }
}

function canMount(): boolean {
  const directory = mountSmallDisk();
  if (directory === undefined) return false;
  execFileSync('umount', [directory]);
  rmSync(directory, { recursive: true });
  return true;
}

/** The outages that this machine permits; the first two work everywhere. */
export const OUTAGES: readonly OutageKind[] = [
  { name: 'a database that may not grow', make: byPragma('max_page_count = 1', 'max_page_count = 1073741823') },
  { name: 'a read-only database', make: byPragma('query_only = on', 'query_only = off') },
  ...(canMount() ? [{ name: 'a full disk', make: smallDisk }] : []),
];
