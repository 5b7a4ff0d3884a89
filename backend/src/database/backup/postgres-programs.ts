import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from '../../config/checks/child-environment.js';
import { DatabaseRefused } from '../database-refused.js';

/** For `libpq`, in seconds. The work itself has no limit: it takes as long as there are data. */
const LIMITS = { PGCONNECT_TIMEOUT: '10' };

/** A program of PostgreSQL's that has begun. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves with what it wrote to its standard output, where that is not piped elsewhere; rejects when it failed. */
  readonly ended: Promise<string>;
}

/**
 * Starts `pg_dump`, `pg_restore` or `psql`; these know every version's format, so nothing here does.
 * @throws DatabaseRefused (through `ended`) when it is not installed, or with what it complained about
 */
export function startProgram(
  name: 'pg_dump' | 'pg_restore' | 'psql',
  args: readonly string[],
  options: { readonly url?: string; readonly keepsOutput?: boolean } = {},
): Program {
  const { address, password } = splitPassword(options.url);
  const child = spawn(name, [...args, ...(address === undefined ? [] : [`--dbname=${address}`])], {
    // On the command line, everybody on the machine could read it.
    env: childEnvironment({ ...LIMITS, ...(password !== '' && { PGPASSWORD: password }) }),
  });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  if (options.keepsOutput ?? true) child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => complaints.push(bytes));
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', (cause) => reject(new DatabaseRefused(notStarted(name, cause), { cause })));
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString());
      else reject(new DatabaseRefused(`${name} failed: ${Buffer.concat(complaints).toString().trim()}`));
    });
  });
  return { child, ended };
}

/** Runs one of the programs to its end. */
export const runProgram = (...args: Parameters<typeof startProgram>): Promise<string> => startProgram(...args).ended;

function splitPassword(url: string | undefined): { address: string | undefined; password: string } {
  if (url === undefined) return { address: undefined, password: '' };
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password);
  parsed.password = '';
  return { address: parsed.href, password };
}

function notStarted(name: string, cause: Error): string {
  const isMissing = 'code' in cause && cause.code === 'ENOENT';
  return isMissing
    ? `${name} is not installed here. It comes with PostgreSQL's client programs, which must be of the server's ` +
        'version or newer (the package postgresql-client on Debian); install them, or run this where they are.'
    : `${name} could not be started: ${cause.message}.`;
}
