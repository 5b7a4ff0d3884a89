import { readFileSync } from 'node:fs';
import type { MikroORM } from '@mikro-orm/core';
import { z } from 'zod';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { ENTITIES } from '../../src/schema.js';
import type { SchemaDescription } from './schema-catalogue.js';
import { describeSchema } from './schema-description.js';

/** The file that each release writes again; relative to the root of the repository. */
export const RELEASED_SCHEMA = 'backend/dev/migrations/released-schema.json';

const description = z.record(
  z.string(),
  z.object({ columns: z.record(z.string(), z.string()), rules: z.array(z.string()) }),
);

const releasedSchema = z.object({
  /** The version of the last release. */
  version: z.string(),
  /** Its commit or tag in Git. */
  revision: z.string(),
  /** The names of its migrations, in order. */
  migrations: z.array(z.string()),
  /** The columns that it reads or writes, by table: those of its entities. Of other tables it uses all columns. */
  uses: z.record(z.string(), z.array(z.string())),
  sqlite: description,
  postgresql: description,
});
export type ReleasedSchema = Readonly<z.infer<typeof releasedSchema>>;

/** The schema of the last release: that of the version before, from which servers are upgraded one by one. */
export const readReleasedSchema = (): ReleasedSchema =>
  releasedSchema.parse(JSON.parse(readFileSync(RELEASED_SCHEMA, 'utf8')));

/** What a new release writes to the file, without its version. The databases at both addresses must be empty. */
export async function describeThisVersion(urls: {
  readonly sqlite: string;
  readonly postgresql: string;
}): Promise<Omit<ReleasedSchema, 'version' | 'revision'>> {
  const sqlite = await described(urls.sqlite);
  const postgresql = await described(urls.postgresql);
  return {
    migrations: MIGRATIONS.map(({ name }) => name),
    uses: sqlite.uses,
    sqlite: sqlite.schema as ReleasedSchema['sqlite'],
    postgresql: postgresql.schema as ReleasedSchema['postgresql'],
  };
}

async function described(url: string): Promise<{ schema: SchemaDescription; uses: Record<string, string[]> }> {
  const config = readConfig({ DATABASE_URL: url });
  const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
  try {
    await migrate(orm, config);
    return { schema: await describeSchema(orm), uses: usedColumns(orm) };
  } finally {
    await orm.close();
  }
}

function usedColumns(orm: MikroORM): Record<string, string[]> {
  const tables = [...orm.getMetadata().getAll().values()].filter(({ tableName }) => tableName !== undefined);
  return Object.fromEntries(
    tables
      .map(({ tableName, props }) => [tableName, props.flatMap(({ fieldNames }) => fieldNames).sort()] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
