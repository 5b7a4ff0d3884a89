import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadEnvironmentFile } from '../processes/environment-file.ts';
import { ensureBuilt } from './ensure-built.ts';
import { type Output, server } from './outputs.ts';

/**
 * Builds what is out of date, and runs a program of the built server within this process:
 * signals reach it directly, and its exit code is ours.
 * @param entry path of the program within `dist/src`; it sees this command's arguments as its own.
 * @param others what it needs built besides the server.
 */
export async function runBuilt(entry: string, ...others: readonly Output[]): Promise<void> {
  loadEnvironmentFile();
  await ensureBuilt(server, ...others);
  const program = resolve(server.directory, 'src', entry);
  process.setSourceMapsEnabled(true);
  process.argv[1] = program;
  await import(pathToFileURL(program).href);
}
