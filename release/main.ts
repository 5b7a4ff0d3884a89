import { parseArgs } from 'node:util';
import { CommandFailed, runProgram } from '../scripts/programs.ts';
import { release } from './release.ts';

const USAGE = 'Usage: npm run release -- X.Y.Z [--dry-run]';

/** `npm run release -- X.Y.Z`: see "Releases" in CONTRIBUTING.md. */
export default async function main(): Promise<void> {
  const { version, isDry } = readArguments();
  await release({
    root: '.',
    version,
    date: new Date().toISOString().slice(0, 10),
    isDry,
    run: runProgram,
    say: (line) => console.log(line),
  });
}

function readArguments(): { readonly version: string; readonly isDry: boolean } {
  try {
    const { values, positionals } = parseArgs({ options: { 'dry-run': { type: 'boolean' } }, allowPositionals: true });
    const [version, ...others] = positionals;
    if (version === undefined || others.length > 0) throw new CommandFailed(USAGE);
    return { version, isDry: values['dry-run'] ?? false };
  } catch (error) {
    throw error instanceof CommandFailed ? error : new CommandFailed(`${(error as Error).message}\n${USAGE}`);
  }
}
