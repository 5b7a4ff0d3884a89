import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

describe("Nest's command line with nest-cli.json", () => {
  /** Within the repository: Nest reads no configuration from elsewhere. */
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync('dist-nest-')));
  afterAll(() => rmSync(folder, { recursive: true }));

  const nest = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', ...args]);
    return stripVTControlCharacters(stdout);
  };

  it('creates a file in the right folder with the usual name, and adds it to its module', async () => {
    const said = await nest('generate', 'service', 'chat/planted/planted', '--dry-run');
    expect(said.match(/^(CREATE|UPDATE) \S+/gm)).toEqual([
      'CREATE backend/src/chat/planted/planted.service.ts',
      'UPDATE backend/src/chat/chat.module.ts',
    ]);
  }, 60_000);

  it('builds the same files as npm run build', async () => {
    // Without type checks, which run elsewhere and would take most of the time.
    const compilerOptions = { outDir: 'build', rootDir: '../backend', noCheck: true };
    writeFileSync(
      `${folder}/tsconfig.json`,
      JSON.stringify({ extends: '../backend/tsconfig.build.json', compilerOptions }),
    );
    await nest('build', '--path', `${folder}/tsconfig.json`);
    const scripts = (cwd: string): string[] => globSync('**/*.js', { cwd }).sort();
    expect(scripts(`${folder}/build`)).toEqual(scripts('dist'));
    expect(scripts('dist')).toContain('src/main.js');
  }, 120_000);
});
