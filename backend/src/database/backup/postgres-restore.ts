import { statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { v7 as uuidv7 } from 'uuid';
import { nameBackup } from './backup-files.js';
import { DatabaseRefused } from '../database-refused.js';
import { MIGRATION_LOCK } from '../migrating/migrate.js';
import { refuseNewerSchema } from '../migrating/newer-schema.js';
import { backUpPostgres, checkDump, LOCK_WITHIN_MS } from './postgres-backup.js';
import { runProgram, startProgram } from './postgres-programs.js';
import type { Restored } from './sqlite-restore.js';

interface Target {
  readonly url: string;
  readonly dataDir: string;
  /** The tables of Lockstep. */
  readonly tables: readonly string[];
  /** The migrations of this version. */
  readonly known: readonly string[];
  /** Whether the database has no tables of Lockstep yet. */
  readonly isEmpty: boolean;
}

/**
 * Replaces the tables of Lockstep by those of a dump and starts a new epoch, in one transaction: running servers see
 * either the old database or the new one. Their running runs end.
 * @throws NewerSchema, DatabaseRefused; then nothing is changed
 */
export async function restorePostgres(file: string, target: Target): Promise<Restored> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new DatabaseRefused(`There is no file ${file}.`);
  await inspectDump(file, target.known);
  const kept = target.isEmpty ? undefined : nameBackup(target.dataDir, 'before-restore', 'dump');
  if (kept !== undefined) await backUpPostgres(target.url, target.tables, kept);
  await replace(file, target);
  return { kept };
}

/** Checks a dump. @throws NewerSchema, DatabaseRefused */
export async function inspectDump(file: string, known: readonly string[]): Promise<void> {
  await checkDump(file);
  refuseNewerSchema(file, await migrationsIn(file), known);
}

/** The names of the executed migrations in a dump, which `pg_restore` writes as tab-separated lines. */
async function migrationsIn(file: string): Promise<string[]> {
  const script = await runProgram('pg_restore', ['--data-only', '--table=migrations', '--file=-', file]);
  const [, columns, rows] = /^COPY \S+ \(([^)]*)\) FROM stdin;\n([^]*?)^\\\.$/m.exec(script) ?? [];
  const at = columns?.split(', ').indexOf('name') ?? -1;
  if (rows === undefined || at < 0) throw new DatabaseRefused(`${file} does not contain the list of its migrations.`);
  return rows
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split('\t')[at] ?? '');
}

async function replace(file: string, { url, tables }: Target): Promise<void> {
  const psql = startProgram('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--output=/dev/null'], { url });
  const dump = startProgram('pg_restore', ['--no-owner', '--no-privileges', '--file=-', file], { keepsOutput: false });
  const { stdin } = psql.child;
  const { stdout } = dump.child;
  if (!stdin || !stdout) throw new Error('The programs were started without pipes');
  // If the final `commit` is not sent, everything is rolled back when the connection ends.
  const fed = (async (): Promise<void> => {
    stdin.write(`begin;\nset lock_timeout = ${LOCK_WITHIN_MS};\nselect pg_advisory_xact_lock(${MIGRATION_LOCK});\n`);
    for (const table of tables) stdin.write(`drop table if exists "${table}" cascade;\n`);
    await pipeline(stdout, stdin, { end: false });
    await dump.ended;
    stdin.end(`\n${afterwards()}commit;\n`);
  })();
  const [fedResult, psqlResult] = await Promise.allSettled([
    fed.catch((error: unknown) => {
      stdin.destroy();
      throw error;
    }),
    psql.ended,
  ]);
  // An error of psql first, since it is the reason for a broken pipe.
  if (psqlResult.status === 'rejected') throw psqlResult.reason;
  if (fedResult.status === 'rejected') throw fedResult.reason;
}

/**
 * `pg_restore` leaves the session without a search path. Runs that were active when the dump was made get another
 * fence, so that a server that is still writing one of them cannot continue.
 */
const afterwards = (): string => `reset all;
insert into meta ("key", "value") values ('epoch', '${uuidv7()}')
  on conflict ("key") do update set "value" = excluded."value";
update runs set fence = fence + 1, lease_until = 0 where status = 'running';
`;
