import { resolve } from 'node:path';

/** Reads the arguments as paths from where the command was typed; npm itself goes to the folder of `package.json`. */
export function fromCallersFolder(): void {
  const folder = process.env['INIT_CWD'] ?? '.';
  process.argv = [...process.argv.slice(0, 2), ...process.argv.slice(2).map((path) => resolve(folder, path))];
}
