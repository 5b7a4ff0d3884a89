import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const importOf = (path: string): string => JSON.stringify(pathToFileURL(resolve(path)).href);

describe("MikroORM's command line", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-migrations-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const npm = (script: string, ...args: string[]) => run('npm', ['run', '--silent', script, '--', ...args]);
  const mikroOrm = (...args: string[]) => run(process.execPath, ['node_modules/@mikro-orm/cli/cli.js', ...args]);

  /** A configuration like that of the repository, but with entities that differ from the migrations. */
  function withoutLastMigration(): string {
    const path = join(folder, 'config.mjs');
    const text = `import { MIGRATIONS } from ${importOf('dist/migrations/index.js')};
      import { scratchDatabase } from ${importOf('dist/dev/migrations/scratch-database.js')};
      export default await scratchDatabase(MIGRATIONS.slice(0, -1));`;
    writeFileSync(path, text);
    return path;
  }

  it('finds its configuration', async () => {
    const { stdout } = await mikroOrm('debug');
    const said = stripVTControlCharacters(stdout);
    expect(said).toContain('configuration found');
    expect(said).toContain('database connection successful');
  }, 60_000);

  it('reports that entities and migrations agree, and fails if they differ', async () => {
    expect((await npm('migration:check')).stdout).toContain('No changes required');
    await expect(npm('migration:check', '--config', withoutLastMigration())).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Changes detected'),
    });
  }, 60_000);

  it('creates a migration in the project’s format, and lists it', async () => {
    copyFileSync('backend/migrations/index.ts', join(folder, 'index.ts'));
    const { stdout } = await npm(
      ...(['migration:create', 'add-nickname', '--config', withoutLastMigration(), '--path', folder] as const),
    );
    const [file = '', date = ''] = /(\d{8})-add-nickname\.migration\.ts/.exec(stdout) ?? [];
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toContain(`export class AddNickname${date} extends PortableMigration {`);
    expect(text).toContain(`  override name = '${date}-add-nickname';`);
    expect(text).toMatch(/up\(\): void {\n {4}\/\/ On SQLite[^\n]*\n {4}\/\/ alter table `sessions` add /);
    const index = readFileSync(join(folder, 'index.ts'), 'utf8');
    expect(index).toContain(`import { AddNickname${date} } from './${date}-add-nickname.migration.js';\n\n`);
    expect(index).toContain(`  { name: '${date}-add-nickname', class: AddNickname${date} },\n];\n`);
    await run(process.execPath, [
      'node_modules/prettier/bin/prettier.cjs',
      '--config',
      '.prettierrc.json',
      '--check',
      join(folder, file),
    ]);
  }, 60_000);

  it('refuses a name that cannot be part of a file name', async () => {
    const create = npm('migration:create', 'Add Nickname', '--config', withoutLastMigration(), '--path', folder);
    await expect(create).rejects.toMatchObject({
      stderr: expect.stringContaining('cannot name a migration'),
    });
  }, 60_000);
});
