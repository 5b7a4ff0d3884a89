import type { MigrationObject, MikroORM } from '@mikro-orm/core';
import semver from 'semver';
import { schemaBreaks } from '../../dev/migrations/schema-breaks.js';
import { describeSchema } from '../../dev/migrations/schema-description.js';
import type { ReleasedSchema } from '../../dev/migrations/released-schema.js';
import { type Contract, PortableMigration } from '../../migrations/portable-migration.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { kindOf } from '../../src/database/sql/connection.js';
import { ENTITIES } from '../../src/schema.js';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { createTestDatabase } from '../support/test-database.js';
import { OldStatements } from './old-statements.js';

/**
 * Runs the migrations after the last release one by one on a real database, and looks for what the released version could
 * not work with while servers are upgraded one after the other.
 * @returns one sentence for each reason to refuse a migration, after its name
 */
export async function refusals(migrations: readonly MigrationObject[], released: ReleasedSchema): Promise<string[]> {
  await using database = await createTestDatabase();
  const config = readConfig({ DATABASE_URL: database.url, DATA_DIR: database.dataDir });
  const orm = await connect(config.database, { entities: ENTITIES, migrations: [...migrations] });
  try {
    const known = migrations.slice(0, released.migrations.length).map(({ name }) => name);
    if (known.join() !== released.migrations.join()) return ['the migrations of the release are not the first ones'];
    await orm.migrator.up({ to: known.at(-1) ?? 0 });
    const old = await OldStatements.of(orm);
    const found: string[] = [];
    for (const migration of migrations.slice(known.length)) {
      await orm.migrator.up({ to: migration.name });
      const breaks = await newBreaks(orm, released, found);
      const broken = new Set([...found, ...breaks].map((sentence) => /^\w+/.exec(sentence)?.[0] ?? ''));
      breaks.push(...(await old.failures(broken)));
      found.push(...breaks);
      const reasons = reasonsAgainst(breaks, contractOf(migration), released);
      if (reasons.length > 0) return reasons.map((reason) => `${migration.name}: ${reason}`);
      // From here on, the version before is one that does without what was taken away.
      if (breaks.length > 0) await old.learn();
    }
    return [];
  } finally {
    await orm.close();
  }
}

const contractOf = ({ class: migration }: MigrationObject): Contract | undefined =>
  (migration as unknown as typeof PortableMigration).contract;

async function newBreaks(orm: MikroORM, released: ReleasedSchema, known: readonly string[]): Promise<string[]> {
  const before = released[kindOf(orm.em as SqlEntityManager)];
  return schemaBreaks(before, await describeSchema(orm)).filter((sentence) => !known.includes(sentence));
}

/** Why breaks are refused: they are no contract, or one whose expansion the released version does not have. */
function reasonsAgainst(breaks: readonly string[], contract: Contract | undefined, released: ReleasedSchema): string[] {
  if (!contract) return [...breaks];
  const { expandedIn, takes } = contract;
  if (semver.valid(expandedIn) === null) return [`${expandedIn} is no version`];
  if (semver.gt(expandedIn, released.version)) {
    return [`its expansion is in ${expandedIn}, which was not released: the last release is ${released.version}`];
  }
  const unnamed = breaks.filter((sentence) => !takes.includes(sentence));
  const used = breaks.flatMap((sentence) => stillUsed(sentence, released));
  return [...unnamed.map((sentence) => `not named by its contract: ${sentence}`), ...used];
}

/** A column that the entities of the release have is read or written by it, whatever a contract says. */
function stillUsed(sentence: string, { version, uses }: ReleasedSchema): string[] {
  const [, table = '', column] = /^(\w+)(?:\.(\w+))? is dropped or renamed$/.exec(sentence) ?? [];
  const isUsed = column === undefined ? table in uses : uses[table]?.includes(column);
  return isUsed ? [`version ${version} still uses it: ${sentence}`] : [];
}
