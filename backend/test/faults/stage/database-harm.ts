import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import type { Stage } from './stage.js';

/** Holds SQLite's only write lock, like another program's backup, for a time and while `meanwhile` runs. */
export async function lockFor({ databaseUrl }: Stage, ms: number, meanwhile?: () => Promise<void>): Promise<void> {
  const other = new BetterSqlite(databaseUrl.slice('sqlite:'.length));
  try {
    other.pragma('busy_timeout = 5000');
    other.exec('begin immediate');
    await Promise.all([delay(ms), meanwhile?.()]);
  } finally {
    // Rolls back what is open.
    other.close();
  }
}

/** Makes all writes to files fail, as on a full disk; a soft limit, so that it can be lifted. */
export const fillDisk = ({ server }: Stage): void => setFileLimit(server.pid, '0:');
export const emptyDisk = ({ server }: Stage): void => setFileLimit(server.pid, 'unlimited:');

function setFileLimit(pid: number, limit: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${limit}`]);
}
