import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationDiff } from '@mikro-orm/core';
import { MigrationGenerator } from '@mikro-orm/migrations';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Creates a migration for both databases in the project's format, and adds it to the list. */
export class PortableMigrationGenerator extends MigrationGenerator {
  /** @throws Error when the name cannot be part of a file name, or is in use */
  override generate(diff: MigrationDiff, folder = String(this.options.path), name = ''): Promise<[string, string]> {
    if (!NAME.test(name)) {
      throw new Error(`"${name}" cannot name a migration: describe the change in a few words, such as add-nickname.`);
    }
    const date = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    const className = `${name.replaceAll(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase())}${date}`;
    const fileName = `${date}-${name}.migration.ts`;
    const code = this.generateMigrationFile(className, diff, `${date}-${name}`);
    writeFileSync(join(folder, fileName), code, { flag: 'wx' });
    list(join(folder, 'index.ts'), className, `${date}-${name}`);
    return Promise.resolve([code, fileName]);
  }

  generateMigrationFile(className: string, diff: MigrationDiff, name = className): string {
    return `import { PortableMigration } from './portable-migration.js';

/** What changes, and why. */
export class ${className} extends PortableMigration {
  override name = '${name}';

  override up(): void {
${asComment(diff.up)}
  }

  override down(): void {
${asComment(diff.down)}
  }
}
`;
  }
}

/** The statements of one database are only a hint: column types differ on the other one. */
function asComment(statements: readonly string[]): string {
  const lines = statements.flatMap((statement) => statement.split('\n')).filter((line) => line.trim() !== '');
  const hint = lines.length > 0 ? ['On SQLite, to be written for both databases:', ...lines] : ['Nothing yet.'];
  return hint.map((line) => `    // ${line}`).join('\n');
}

/** Adds the migration to the end of `MIGRATIONS`. */
function list(path: string, className: string, name: string): void {
  const text = readFileSync(path, 'utf8');
  const [imports, entries] = [text.lastIndexOf("';\n\n") + 3, text.lastIndexOf('];\n')];
  if (imports < 3 || entries < imports) throw new Error(`${path} lists no migrations`);
  const changed = [
    text.slice(0, imports),
    `import { ${className} } from './${name}.migration.js';\n`,
    text.slice(imports, entries),
    `  { name: '${name}', class: ${className} },\n`,
    text.slice(entries),
  ];
  writeFileSync(path, changed.join(''));
}
