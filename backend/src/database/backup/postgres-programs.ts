import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { childEnvironment } from '../../config/checks/child-environment.js';
import { DatabaseRefused } from '../database-refused.js';

/** Settings for `libpq`, in seconds. The work itself has no time limit, since it depends on the amount of data. */
const LIMITS = { PGCONNECT_TIMEOUT: '10' };

/** A running client program of PostgreSQL. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves with the standard output, unless that is piped elsewhere; rejects when the program fails. */
  readonly ended: Promise<string>;
}

/**
 * Starts `pg_dump`, `pg_restore` or `psql`, which support the formats of all versions.
 * @throws DatabaseRefused (through `ended`) when the program is not installed or fails
 */
export function startProgram(
  name: 'pg_dump' | 'pg_restore' | 'psql',
  args: readonly string[],
  options: {
    readonly url?: string;
    readonly keepsOutput?: boolean;
    /** Ends the program, which has a low priority. */
    readonly background?: AbortSignal | undefined;
  } = {},
): Program {
  const { address, password } = splitPassword(options.url);
  const child = spawn(name, [...args, ...(address === undefined ? [] : [`--dbname=${address}`])], {
    // Not on the command line, where every user of the machine could read it.
    env: childEnvironment({ ...LIMITS, ...(password !== '' && { PGPASSWORD: password }) }),
    signal: options.background,
  });
  if (options.background && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
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

/** Runs one of the programs and waits for its end. */
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
