import { describe, expect, it } from '@jest/globals';
import { schemaBreaks } from './schema-breaks.js';
import type { TableDescription } from './schema-catalogue.js';

const COLUMNS = {
  id: 'uuid not null',
  email: 'character varying(320) not null',
  role: "character varying(20) not null default 'user'",
  score: 'integer',
};
const RULES = ['primary key (id)', 'unique (email)'];
const BEFORE = { users: { columns: COLUMNS, rules: RULES } };

/** Other columns, `undefined` for those that are gone; and other rules. */
interface Change {
  readonly columns?: Readonly<Record<string, string | undefined>>;
  readonly rules?: readonly string[];
}

function breaksOf({ columns = {}, rules = RULES }: Change): string[] {
  const changed = Object.entries({ ...COLUMNS, ...columns }).flatMap(([name, column]) =>
    column === undefined ? [] : [[name, column] as const],
  );
  return schemaBreaks(BEFORE, { users: { columns: Object.fromEntries(changed), rules } });
}

const withRule = (rule: string): readonly string[] => [...RULES, rule];

describe('an expansion of the schema', () => {
  it.each<[string, Change]>([
    ['a column that may be null', { columns: { nickname: 'text' } }],
    ['a column with a default', { columns: { visits: 'integer not null default 0' } }],
    ['a longer text', { columns: { email: 'character varying(400) not null' } }],
    ['a text without a limit', { columns: { email: 'text not null' } }],
    ['a column that may be null from now on', { columns: { email: 'character varying(320)' } }],
    ['a unique column that older rows leave empty', { columns: { nick: 'text' }, rules: withRule('unique (nick)') }],
    [
      'a reference that older rows leave empty',
      { columns: { boss: 'uuid' }, rules: withRule('foreign key (boss) references users(id)') },
    ],
    [
      'a check of a new column',
      { columns: { visits: 'integer not null default 0' }, rules: withRule('check (visits >= 0)') },
    ],
    ['a trigger', { rules: withRule('create trigger copy before insert on users execute function copy()') }],
  ])('may have %s', (_, change) => expect(breaksOf(change)).toEqual([]));

  it('may have new tables, whose rows do not hold on to those of the version before', () => {
    const table = (rule: string): TableDescription => ({ columns: { user_id: 'uuid not null' }, rules: [rule] });
    const key = 'foreign key (user_id) references users(id)';
    expect(schemaBreaks(BEFORE, { ...BEFORE, notes: table(`${key} on delete cascade`) })).toEqual([]);
    expect(schemaBreaks(BEFORE, { ...BEFORE, notes: table(key) })).toEqual([
      `notes keeps rows of users from being deleted: ${key}`,
    ]);
  });
});

describe('a change that the version before cannot work with', () => {
  it('is a table that is gone', () => expect(schemaBreaks(BEFORE, {})).toEqual(['users is dropped or renamed']));

  it.each<[string, Change]>([
    ['users.score is dropped or renamed', { columns: { score: undefined, points: 'integer' } }],
    ['users.score becomes not null', { columns: { score: 'integer not null' } }],
    ['users.score becomes not null', { columns: { score: 'integer not null default 0' } }],
    ['users.score changes its type from integer to bigint', { columns: { score: 'bigint' } }],
    [
      'users.email changes its type from character varying(320) to character varying(100)',
      { columns: { email: 'character varying(100) not null' } },
    ],
    ['users.role loses its default', { columns: { role: 'character varying(20) not null' } }],
    ['users.nick is new and not null without a default', { columns: { nick: 'text not null' } }],
    ['users loses: unique (email)', { rules: ['primary key (id)'] }],
    ['users gets: unique (score)', { rules: withRule('unique (score)') }],
    [
      'users gets: unique (kind)',
      { columns: { kind: 'integer not null default 0' }, rules: withRule('unique (kind)') },
    ],
    ['users gets: check (score > 0)', { rules: withRule('check (score > 0)') }],
    [
      'users gets: check (visits > score)',
      { columns: { visits: 'integer' }, rules: withRule('check (visits > score)') },
    ],
    [
      'users gets: foreign key (role) references roles(id)',
      { rules: withRule('foreign key (role) references roles(id)') },
    ],
  ])('is found: %s', (sentence, change) => expect(breaksOf(change)).toEqual([sentence]));
});
