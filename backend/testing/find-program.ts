import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian installs programs for administrators; not in the path of other users. */
const MORE_FOLDERS = ['/usr/sbin', '/sbin'];

/** The path of an installed program; `undefined` if there is none with that name. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return [...folders, ...MORE_FOLDERS].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing, or not permitted: it cannot be started in either case.
    return false;
  }
}
