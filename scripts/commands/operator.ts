import { runBuilt } from '../build/run-built.ts';
import { fromCallersFolder } from '../processes/callers-folder.ts';

/** Programs of the built server for operators, by the command that runs them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  migrate: 'database/migrate.cli.js',
  backup: 'database/backup.cli.js',
  restore: 'database/restore.cli.js',
  'user-role': 'users/user-role.cli.js',
};
/** Those whose arguments name files. */
const TAKES_FILES = new Set(['backup', 'restore']);

export default async function run(command: string): Promise<void> {
  if (TAKES_FILES.has(command)) fromCallersFolder();
  await runBuilt(PROGRAMS[command] ?? command);
}
