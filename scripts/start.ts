import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemReason } from '../backend/src/config/checks/system-reason.ts';
import { ensureBuilt } from './build.ts';
import { page, server } from './outputs.ts';
import { CommandFailed } from './programs.ts';

interface Program {
  /** The path within `dist/src`. */
  readonly path: string;
  readonly takesFiles?: boolean;
}

/** The server and the programs for operators, by command. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  start: { path: 'main.js' },
  migrate: { path: 'database/migrate.cli.js' },
  backup: { path: 'database/backup.cli.js', takesFiles: true },
  restore: { path: 'database/restore.cli.js', takesFiles: true },
  'user-role': { path: 'users/user-role.cli.js' },
  'user-list': { path: 'commands/user-list.cli.js' },
  'user-end-sessions': { path: 'commands/user-end-sessions.cli.js' },
  'conversation-export': { path: 'commands/conversation-export.cli.js' },
  doctor: { path: 'doctor/doctor.cli.js' },
};

/**
 * Builds what is out of date, and runs a program of the built server in this process, so that signals reach it directly
 * and its exit code is that of the command.
 */
export default async function start(command: string): Promise<void> {
  const program = PROGRAMS[command];
  if (!program) throw new CommandFailed(`There is no program "${command}".`);
  if (program.takesFiles) readFilesFromCallersFolder();
  loadEnvironmentFile();
  // The standard output of the other programs is for scripts: what the build says must not stand in it.
  if (command !== 'start') console.log = console.error;
  await ensureBuilt(server, ...(command === 'start' ? [page] : []));
  const script = resolve(server.directory, 'src', program.path);
  process.setSourceMapsEnabled(true);
  process.argv[1] = script;
  await import(pathToFileURL(script).href);
}

/** Resolves arguments as paths relative to where the command was typed; npm changes to the folder of `package.json`. */
function readFilesFromCallersFolder(): void {
  const folder = process.env['INIT_CWD'] ?? '.';
  process.argv = [...process.argv.slice(0, 2), ...process.argv.slice(2).map((path) => resolve(folder, path))];
}

/** Reads `.env` if it exists; variables that are already set take precedence. @throws CommandFailed if it is unreadable */
export function loadEnvironmentFile(): void {
  if (!existsSync('.env')) return;
  const reason = whyNotReadable('.env');
  if (reason !== undefined) throw new CommandFailed(`The settings in .env cannot be read: ${reason}.`);
  process.loadEnvFile('.env');
}

function whyNotReadable(path: string): string | undefined {
  if (statSync(path).isDirectory()) return systemReason({ code: 'EISDIR' });
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}
