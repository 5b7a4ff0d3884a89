import { describe, expect, it } from '@jest/globals';
import type { MigrationObject } from '@mikro-orm/core';
import { readReleasedSchema } from '../../dev/migrations/released-schema.js';
import { describeSchema } from '../../dev/migrations/schema-description.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { type Contract, PortableMigration } from '../../migrations/portable-migration.js';
import { readConfig } from '../../src/config/read-config.js';
import { connect } from '../../src/database/connect.js';
import { ENTITIES } from '../../src/schema.js';
import { createTestDatabase } from '../support/test-database.js';
import { refusals } from './expand-contract.js';

const RELEASED = readReleasedSchema();
const IS_POSTGRES = process.env['TEST_DATABASE_URL'] !== undefined;
const ADVICE =
  'A rolling upgrade runs the version before on the new schema: see "Expand, then contract" in CONTRIBUTING.md.';

/** What a planted migration does. */
type Change = (migration: Planted) => void;

abstract class Planted extends PortableMigration {
  readonly add = (table: string, column: string): void => this.addColumns(table, [column]);
  readonly drop = (table: string, column: string): void => this.dropColumns(table, [column]);
  readonly unique = (table: string, column: string): void => this.createUnique(table, [column]);
  readonly sql = (...statements: string[]): void => statements.forEach((statement) => this.addSql(statement));
}

/** A rule that only statements notice. */
const REFUSING = IS_POSTGRES
  ? [
      `create function refuse() returns trigger as $$ begin raise exception 'not today'; end $$ language plpgsql`,
      'create trigger refuse before insert on drafts for each row execute function refuse()',
    ]
  : [`create trigger refuse before insert on drafts begin select raise(abort, 'not today'); end`];

/** SQLite has no statements for these. */
const ONLY_ON_POSTGRES: [string, Change][] = [
  ['users.name changes its type', (at) => at.sql('alter table users alter column name type varchar(10)')],
  ['runs.fence changes its type', (at) => at.sql('alter table runs alter column fence type text')],
  ['audit.request_id becomes not null', (at) => at.sql('alter table audit alter column request_id set not null')],
  ['users.score is new and not null without a default', (at) => at.add('users', '"score" integer not null')],
  ['drafts gets: check', (at) => at.sql('alter table drafts add check (length(text) < 5)')],
];

/** The released migrations and planted ones. */
function plant(...planted: readonly (readonly [Change, Contract?])[]): MigrationObject[] {
  return [
    ...MIGRATIONS.slice(0, RELEASED.migrations.length),
    ...planted.map(([change, contract], at) => {
      const name = `planted-${at + 1}`;
      class Migration extends Planted {
        static override readonly contract = contract as Contract;
        override name = name;
        override up(): void {
          change(this);
        }
      }
      return { name, class: Migration };
    }),
  ];
}

describe('the migrations since the last release', () => {
  it('leave the released ones as they were: these have the schema that the release has recorded', async () => {
    await using database = await createTestDatabase();
    const config = readConfig({ DATABASE_URL: database.url, DATA_DIR: database.dataDir });
    const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    try {
      expect(MIGRATIONS.map(({ name }) => name).slice(0, RELEASED.migrations.length)).toEqual(RELEASED.migrations);
      await orm.migrator.up({ to: RELEASED.migrations.at(-1) ?? '' });
      expect(await describeSchema(orm)).toEqual(IS_POSTGRES ? RELEASED.postgresql : RELEASED.sqlite);
    } finally {
      await orm.close();
    }
  });

  it('expand before they contract: the released version can work on the new schema', async () => {
    const found = await refusals(MIGRATIONS, RELEASED);
    expect(found.length > 0 ? [ADVICE, ...found] : []).toEqual([]);
  });
});

describe('a planted migration', () => {
  it('may expand the schema', async () => {
    const longer: Change = (at) => IS_POSTGRES && at.sql('alter table users alter column name type text');
    const migrations = plant(
      [(at) => at.add('users', '"nickname" text null')],
      [(at) => at.add('runs', '"planted" integer not null default 0')],
      [(at) => at.sql('create table "planted_notes" ("id" integer not null primary key, "text" text not null)')],
      [(at) => at.unique('users', 'nickname')],
      [(at) => at.sql('create index "planted_index" on "runs" ("planted")')],
      [longer],
    );
    expect(await refusals(migrations, RELEASED)).toEqual([]);
  });

  it.each<[string, Change]>([
    ['audit.detail is dropped or renamed', (at) => at.drop('audit', 'detail')],
    ['audit.detail is dropped or renamed', (at) => at.sql('alter table audit rename column detail to details')],
    ['drafts is dropped or renamed', (at) => at.sql('drop table drafts')],
    ['drafts is dropped or renamed', (at) => at.sql('alter table drafts rename to unsent')],
    ['users gets: unique (name)', (at) => at.unique('users', 'name')],
    [
      'planted keeps rows of users from being deleted',
      (at) => at.sql(`create table planted (user_id ${IS_POSTGRES ? 'uuid' : 'text'} references users (id))`),
    ],
    ['the version before cannot use drafts: not today', (at) => at.sql(...REFUSING)],
    ...(IS_POSTGRES ? ONLY_ON_POSTGRES : []),
  ])('is refused: %s', async (sentence, change) => {
    expect((await refusals(plant([change]), RELEASED))[0]).toContain(`planted-1: ${sentence}`);
  });

  const dropDetail: Change = (at) => at.drop('audit', 'detail');
  const DROPPED = 'audit.detail is dropped or renamed';
  const uses = { ...RELEASED.uses, audit: RELEASED.uses['audit']?.filter((column) => column !== 'detail') ?? [] };
  const withoutDetail = { ...RELEASED, uses };

  it('may take away what the last release does not use any more, if it says since when', async () => {
    const contract = { expandedIn: RELEASED.version, takes: [DROPPED] };
    const next: Change = (at) => at.add('audit', '"planted" text null');
    expect(await refusals(plant([dropDetail, contract], [next]), withoutDetail)).toEqual([]);
    expect(await refusals(plant([dropDetail]), withoutDetail)).toEqual([`planted-1: ${DROPPED}`]);
  });

  it.each<[string, Contract]>([
    ['version .* still uses it: audit.detail', { expandedIn: RELEASED.version, takes: [DROPPED] }],
    ['its expansion is in 99.0.0, which was not released', { expandedIn: '99.0.0', takes: [DROPPED] }],
    ['not named by its contract: audit.detail is dropped', { expandedIn: RELEASED.version, takes: [] }],
    ['soon is no version', { expandedIn: 'soon', takes: [DROPPED] }],
  ])('is refused with a contract that does not hold: %s', async (sentence, contract) => {
    const found = await refusals(plant([dropDetail, contract]), RELEASED);
    expect(found.join()).toMatch(`planted-1: `);
    expect(found.join()).toMatch(new RegExp(sentence));
  });
});
