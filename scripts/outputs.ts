import { existsSync, renameSync, rmSync } from 'node:fs';
import { type Ended, runScript, toolScript } from './programs.ts';

/** Files that decide how an output looks. Both lists hold globs relative to the root. */
export interface Inputs {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Something that is built from sources, and kept until they change. */
export interface Output {
  readonly name: string;
  readonly directory: string;
  readonly inputs: Inputs;
  /** Folders that must be writable for it, besides this one. */
  readonly writes: readonly string[];
  build(): Promise<Ended>;
}

const shared = ['package.json', 'package-lock.json', 'backend/src/protocol/**/*.ts'];
const STAGING = 'dist-building';
const FORMER = 'dist-former';

export const server: Output = {
  name: 'server',
  directory: 'dist',
  writes: [],
  inputs: {
    include: [...shared, 'backend/tsconfig*.json', 'backend/{src,migrations,dev,testing}/**/*.ts'],
    exclude: ['**/*.spec.ts'],
  },
  async build() {
    for (const left of [STAGING, FORMER]) rmSync(left, { recursive: true, force: true });
    const compiler = toolScript('@typescript/native', 'tsc');
    const ended = await runScript(compiler, ['-p', 'backend/tsconfig.build.json', '--outDir', STAGING]);
    if (!ended.ok) return ended;
    // Swapped whole: a failed build leaves the last good one, and files of deleted sources go away.
    if (existsSync(this.directory)) renameSync(this.directory, FORMER);
    renameSync(STAGING, this.directory);
    rmSync(FORMER, { recursive: true, force: true });
    return ended;
  },
};

export const page: Output = {
  name: 'page',
  directory: 'frontend/build',
  // Vite writes its configuration beside the packages.
  writes: ['frontend', 'node_modules'],
  inputs: {
    include: [...shared, 'frontend/**/*'],
    exclude: [
      'frontend/{build,.svelte-kit,node_modules}',
      // What the compiler of the catalogues writes; settings and messages count.
      '**/paraglide',
      'frontend/project.inlang/{.gitignore,.meta.json,README.md}',
      '**/*.{spec,test}.ts',
    ],
  },
  build: () => runScript(toolScript('vite'), ['build'], { cwd: 'frontend', env: { NODE_ENV: 'production' } }),
};
