import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { systemReason } from '../../backend/src/config/checks/system-reason.ts';
import { CommandFailed } from './command-failed.ts';

/** Reads `.env` where there is one; variables that are set already win. @throws CommandFailed when it cannot be read */
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
