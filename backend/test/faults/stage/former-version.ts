import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readReleasedSchema } from '../../../dev/migrations/released-schema.js';
import { ServerBuild } from './server-build.js';

const run = promisify(execFile);

/** Builds of earlier versions, which stay there: their sources never change. */
const FOLDER = 'dist-versions';
/** What a server is built from. */
const SOURCES = ['backend', 'package.json', 'package-lock.json'];
const COMPILER = 'node_modules/@typescript/native/bin/tsc';

const manifest = z.object({ dependencies: z.record(z.string(), z.string()) });

/** Why the version before cannot be built here: the sources come from the history. */
export function whyNoFormerVersion(): string | undefined {
  const { revision } = readReleasedSchema();
  const { error, status } = spawnSync('git', ['cat-file', '-e', `${revision}^{commit}`]);
  if (error) return 'git is not installed';
  return status === 0 ? undefined : `this clone has no commit ${revision}`;
}

/** The server of the last release, built from its sources in Git. @throws Error when it cannot be built */
export async function buildFormerVersion(): Promise<ServerBuild> {
  const { revision } = readReleasedSchema();
  const { stdout } = await run('git', ['rev-parse', '--short=12', `${revision}^{commit}`]);
  const folder = join(FOLDER, stdout.trim());
  if (!existsSync(folder)) await build(revision, folder);
  return ServerBuild.at(resolve(folder));
}

/** Builds in a folder of its own, so that an interrupted build is not taken for a whole one. */
async function build(revision: string, folder: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const workshop = mkdtempSync(join(FOLDER, 'building-'));
  try {
    const archive = join(workshop, 'sources.tar');
    await run('git', ['archive', '--output', archive, revision, ...SOURCES]);
    await run('tar', ['-x', '-f', archive, '-C', workshop]);
    rmSync(archive);
    await providePackages(workshop);
    await run(process.execPath, [COMPILER, '-p', join(workshop, 'backend/tsconfig.build.json')]);
    renameSync(workshop, folder);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** Links the installed packages if they suit that version, and installs its own otherwise. */
async function providePackages(workshop: string): Promise<void> {
  if (hasSuitable(workshop)) symlinkSync(resolve('node_modules'), join(workshop, 'node_modules'));
  else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: workshop });
}

/** Packages of the same major version; below 1.0.0, of the same minor one. */
function hasSuitable(workshop: string): boolean {
  const read = (folder: string) => manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const [needed, installed] = [read(workshop).dependencies, read('.').dependencies];
  const series = (version = ''): string | undefined => /^(?:0\.)?\d+/.exec(version)?.[0];
  return Object.entries(needed).every(([name, version]) => series(installed[name]) === series(version));
}
