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
  /** Lockstep's own tables. */
  readonly tables: readonly string[];
  /** The migrations that this version knows. */
  readonly known: readonly string[];
  /** Nothing has been put into the database yet. */
  readonly isEmpty: boolean;
}

/**
 * Replaces Lockstep's tables by those of a dump and begins a new epoch, in one transaction: servers that run see
 * either the old database or the new one. What they are writing is taken away from them.
 * @throws NewerSchema, DatabaseRefused; nothing is changed then
 */
export async function restorePostgres(file: string, target: Target): Promise<Restored> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new DatabaseRefused(`There is no file ${file}.`);
  await checkDump(file);
  refuseNewerSchema(file, await migrationsIn(file), target.known);
  const kept = target.isEmpty ? undefined : nameBackup(target.dataDir, 'before-restore', 'dump');
  if (kept !== undefined) await backUpPostgres(target.url, target.tables, kept);
  await replace(file, target);
  return { kept };
}

/** The names in the dump's table of migrations, which `pg_restore` writes as tab-separated lines. */
async function migrationsIn(file: string): Promise<string[]> {
  const script = await runProgram('pg_restore', ['--data-only', '--table=migrations', '--file=-', file]);
  const [, columns, rows] = /^COPY \S+ \(([^)]*)\) FROM stdin;\n([^]*?)^\\\.$/m.exec(script) ?? [];
  const at = columns?.split(', ').indexOf('name') ?? -1;
  if (rows === undefined || at < 0) throw new DatabaseRefused(`${file} does not say what its tables look like.`);
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
  // Without the last line, whatever has come so far is rolled back when the connection ends.
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
  // What psql complained about is the reason why its pipe broke.
  if (psqlResult.status === 'rejected') throw psqlResult.reason;
  if (fedResult.status === 'rejected') throw fedResult.reason;
}

/**
 * `pg_restore` leaves the session without a search path. Runs that were being written when the dump was made belong
 * to nobody now: a server that still holds one must not go on with it.
 */
const afterwards = (): string => `reset all;
insert into meta ("key", "value") values ('epoch', '${uuidv7()}')
  on conflict ("key") do update set "value" = excluded."value";
update runs set fence = fence + 1, lease_until = 0 where status = 'running';
`;
