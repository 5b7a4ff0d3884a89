import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationDiff } from '@mikro-orm/core';
import { MigrationGenerator } from '@mikro-orm/migrations';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Begins a migration as they are written here, for both databases at once, and adds it to the list. */
export class PortableMigrationGenerator extends MigrationGenerator {
  /** @throws Error when the name does not fit into a file's, or is taken */
  override generate(diff: MigrationDiff, folder = String(this.options.path), name = ''): Promise<[string, string]> {
    if (!NAME.test(name)) {
      throw new Error(`"${name}" is no name for a migration: say in a few words what changes, such as add-nickname.`);
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

/** Statements of one database are only a hint: columns have other types on the other one. */
function asComment(statements: readonly string[]): string {
  const lines = statements.flatMap((statement) => statement.split('\n')).filter((line) => line.trim() !== '');
  const hint = lines.length > 0 ? ['On SQLite, to be written for both databases:', ...lines] : ['Nothing yet.'];
  return hint.map((line) => `    // ${line}`).join('\n');
}

/** Adds the migration to `MIGRATIONS`, where it is the newest. */
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
