import { describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/core';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../../src/config/read-config.js';
import { readClaims } from '../../src/auth/providers/provider-claims.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import { connect } from '../../src/database/connect.js';
import { Database } from '../../src/database/database.js';
import { ENTITIES } from '../../src/schema.js';
import { Accounts } from '../../src/users/accounts.js';
import { Identity } from '../../src/users/identity.entity.js';
import { User } from '../../src/users/user.entity.js';
import { ID, OldStatements } from './old-statements.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { TestServer } from '../support/test-server.js';
import { ModelServer } from '../../testing/model/model-server.js';

type Row = Record<string, unknown>;

const NAMES = MIGRATIONS.map(({ name }) => name);

/** A database of an older version, with one row in every table. */
class OldDatabase extends OldStatements {
  async rows(): Promise<Record<string, Row[]>> {
    const found: Record<string, Row[]> = {};
    for (const table of await this.tables()) found[table] = await this.query(`select * from "${table}"`);
    return found;
  }
}

/** Runs `work` on a database of the version before a migration, with a row in every table. */
async function before(name: string, work: (orm: MikroORM, old: OldDatabase) => Promise<void>): Promise<void> {
  await using database = await createTestDatabase();
  await fillBefore(name, database, work);
}

async function fillBefore(
  name: string,
  database: TestDatabase,
  work: (orm: MikroORM, old: OldDatabase) => Promise<void>,
): Promise<void> {
  const config = readConfig({ DATABASE_URL: database.url, DATA_DIR: database.dataDir });
  const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
  try {
    const at = MIGRATIONS.findIndex((migration) => migration.name === name);
    await orm.migrator.up({ to: MIGRATIONS[at - 1]?.name ?? '' });
    const old = new OldDatabase(orm);
    await old.fill();
    await work(orm, old);
  } finally {
    await orm.close();
  }
}

/** The rows of before a migration with the names of its columns. */
function renamed(rows: Record<string, Row[]>, migration: string): Record<string, Row[]> {
  if (migration !== '20261126-issuers') return rows;
  return {
    ...rows,
    identities: rows['identities']?.map(({ provider, ...row }) => ({ ...row, issuer: provider })) ?? [],
  };
}

describe('a database of the previous version', () => {
  it.each(NAMES.slice(NAMES.indexOf('20261125-journal')))('keeps all its rows through %s, and back', (name) =>
    before(name, async (orm, old) => {
      const rows = await old.rows();
      expect(Object.values(rows).every(({ length }) => length === 1)).toBe(true);
      await orm.migrator.up({ to: name });
      // The migration may add tables and columns.
      expect(await old.rows()).toMatchObject(renamed(rows, name));
      await orm.migrator.down({ migrations: [name] });
      expect(await old.rows()).toEqual(rows);
    }),
  );

  it('moves the deltas of running runs to the journal, and back', () =>
    before('20261125-journal', async (orm, old) => {
      const stream = `conversation:${ID}`;
      const said = (seq: number, runId: string, offset: number, text: string): string => {
        const data = JSON.stringify({ runId, messageId: ID, offset, text });
        return `insert into stream_events (stream, seq, type, at, data)
          values ('${stream}', ${seq}, 'run.delta', ${seq * 100}, '${data}')`;
      };
      const other = ID.replace('01a2', '02a2');
      await old.query(`update runs set status = 'running'`);
      await old.query(said(1, other, 0, 'of a run that has ended'));
      await old.query(said(2, ID, 0, 'Hel "quoted" \\u0000 '));
      await old.query(said(3, ID, 17, 'lo 😀'));
      const events = () => old.query(`select * from stream_events where stream = '${stream}' order by seq`);
      const rows = await events();
      await orm.migrator.up({ to: '20261125-journal' });
      expect((await events()).map(({ seq }) => Number(seq))).toEqual([1]);
      const journal = await old.query('select process, n, at, data from journal order by n');
      expect(journal.map(({ process, n, at }) => [process, n, at].map(Number))).toEqual([
        [0, 1, 200],
        [0, 2, 300],
      ]);
      expect(journal.flatMap(({ data }) => JSON.parse(String(data)) as unknown)).toEqual([
        [ID, 2, 0, 'Hel "quoted" \\u0000 '],
        [ID, 3, 17, 'lo 😀'],
      ]);
      expect(await old.query('select journal, journal_from from runs')).toEqual([
        { journal: 0, journal_from: expect.anything() },
      ]);
      // The stream is named after the conversation of the run.
      await old.query(`update runs set conversation_id = '${ID}'`);
      await orm.migrator.down({ migrations: ['20261125-journal'] });
      const back = (await events()).map(({ data, ...row }) => ({ ...row, data: JSON.parse(String(data)) as unknown }));
      expect(back).toEqual(rows.map(({ data, ...row }) => ({ ...row, data: JSON.parse(String(data)) as unknown })));
    }));

  it('replaces run ids in the journal by numbers, and back', () =>
    before('20261126-run-numbers', async (orm, old) => {
      const entries = async (): Promise<unknown> => {
        const rows = await old.query('select data from journal order by n');
        return rows.map(({ data }) => JSON.parse(String(data)) as unknown);
      };
      const gone = ID.replace('01a2', '02a2');
      const text = 'Hel "quoted" \\u0000 lo 😀';
      const named = [
        [ID, 2, 0, text],
        [gone, 7, 0, 'of a run that was deleted'],
      ];
      await old.query('delete from journal');
      await old.query('update runs set journal = 5, journal_from = 1');
      for (const [n, data] of [
        [1, named],
        [2, [[ID, 3, 26, ' and on']]],
      ] as const) {
        await old.query(`insert into journal (process, n, at, data) values (5, ${n}, 100, '${JSON.stringify(data)}')`);
      }
      await orm.migrator.up({ to: '20261126-run-numbers' });
      const [run] = await old.query('select journal_run from runs');
      expect(Number(run?.['journal_run'])).toBeGreaterThan(0);
      const number = Number(run?.['journal_run']);
      expect(await entries()).toEqual([[[number, 2, 0, text]], [[number, 3, 26, ' and on']]]);
      await orm.migrator.down({ migrations: ['20261126-run-numbers'] });
      expect(await entries()).toEqual([[[ID, 2, 0, text]], [[ID, 3, 26, ' and on']]]);
    }));

  it('renames the provider of local accounts, no other, and back', () =>
    before('20261126-local-provider', async (orm, old) => {
      const providers = async () =>
        (await old.query('select provider from identities order by 1')).map((row) => row['provider']);
      await old.query('delete from identities');
      for (const provider of ['stand-in', 'google', 'stand-in.example']) {
        await old.query(`insert into identities values ('${provider}', '1', '${ID}', 1)`);
      }
      await orm.migrator.up({ to: '20261126-local-provider' });
      expect(await providers()).toEqual(['google', 'local', 'stand-in.example']);
      await orm.migrator.down({ migrations: ['20261126-local-provider'] });
      expect(await providers()).toEqual(['google', 'stand-in', 'stand-in.example']);
    }));

  it('stores Google as its issuer, leaves other hosts to the server, and takes both back', () =>
    before('20261126-issuers', async (orm, old) => {
      const stored = async (column: string) =>
        (await old.query(`select ${column} from identities order by 1`)).map((row) => row[column]);
      await old.query('delete from identities');
      for (const provider of ['google', 'id.example.org:8443', 'local']) {
        await old.query(`insert into identities values ('${provider}', '1', '${ID}', 1)`);
      }
      await orm.migrator.up({ to: '20261126-issuers' });
      expect(await stored('issuer')).toEqual(['https://accounts.google.com', 'id.example.org:8443', 'local']);
      const realm = 'https://id.example.org:8443/realms/team/auth';
      await old.query(`update identities set issuer = '${realm}' where issuer like 'id.%'`);
      await orm.migrator.down({ migrations: ['20261126-issuers'] });
      expect(await stored('provider')).toEqual(['google', 'id.example.org:8443', 'local']);
    }));

  it('makes old entries of the audit searchable, in lower case', () =>
    before('20261127-audit-filters', async (orm, old) => {
      await old.query(
        `update audit set actor_email = 'Ada@Example.com', target_email = null, detail = '{"to": "Admin"}'`,
      );
      await orm.migrator.up({ to: '20261127-audit-filters' });
      const [row] = await old.query('select search_text from audit');
      expect(row?.['search_text']).toMatch(/^ada@example\.com .*"to": "admin"/);
    }));

  it('lets people into the accounts that they made with another provider, by its issuer from now on', async () => {
    await using database = await createTestDatabase();
    const google = {
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
      GOOGLE_AUTHORIZATION_URL: 'https://id.example.org/realms/team/auth',
      GOOGLE_TOKEN_URL: 'https://id.example.org/realms/team/token',
      GOOGLE_USERINFO_URL: 'https://id.example.org/realms/team/me',
    };
    const profile = { sub: '1234', email: 'grace@example.com', email_verified: true };
    await fillBefore('20261126-issuers', database, async (_orm, old) => {
      await old.query(`update users set role = 'user', email = '${profile.email}'`);
      await old.query(`update identities set provider = 'id.example.org', subject = '${profile.sub}'`);
    });
    await using model = await ModelServer.start();
    await using server = await TestServer.start(google, { database, model });
    const signIn = (issuer: string) => server.get(Accounts).signIn(readClaims(profile, { issuer }));
    expect((await signIn(server.config.google?.issuer ?? '')).id).toBe(ID);
    // Another realm of the same host is another provider.
    expect((await signIn('https://id.example.org/realms/other/auth')).id).not.toBe(ID);
  });

  it('gives the identities of a former issuer to the provider that names it, and no subject twice', async () => {
    await using database = await createTestDatabase();
    const former = 'https://id.example.org/realms/team/auth';
    const issuer = 'https://id.example.org/realms/team';
    const other = ID.replace('01a2', '02a2');
    await fillBefore('20261127-provider-refresh', database, async (_orm, old) => {
      await old.query(
        `update users set role = 'user', email = 'grace@example.com', role_issuer = '${former}', deleting_since = null`,
      );
      await old.query(`update sessions set issuer = '${former}'`);
      await old.query(`update identities set issuer = '${former}', subject = '1234'`);
      const row = (of: string, subject: string) => `('${of}', '${subject}', '${ID}', 1, null, null)`;
      await old.query(`insert into identities (issuer, subject, user_id, created_at, email, last_used_at)
        values ${row(former, other)}, ${row(issuer, other)}, ${row('https://elsewhere.example', '1234')}`);
    });
    const provider = { id: 'team', label: 'Team', issuer, clientId: 'a', clientSecret: 'b', formerIssuers: [former] };
    await using model = await ModelServer.start();
    const env = { SIGN_IN_PROVIDERS: JSON.stringify([provider]) };
    // Twice: it must do no harm when it is done already.
    await (await TestServer.start(env, { database, model }))[Symbol.asyncDispose]();
    await using server = await TestServer.start(env, { database, model });
    const profile = { sub: '1234', email: 'grace@example.com', email_verified: true };
    const [identities, session, user] = await server
      .get(Database)
      .read((em) =>
        Promise.all([
          em.find(Identity, {}, { orderBy: { issuer: 'asc', subject: 'asc' } }),
          em.findOneOrFail(Session, { id: ID }),
          em.findOneOrFail(User, { id: ID }),
        ]),
      );
    expect(identities.map((one) => [one.issuer, one.subject])).toEqual([
      ['https://elsewhere.example', '1234'],
      [issuer, other],
      [issuer, '1234'],
      [former, other],
    ]);
    expect(session.issuer).toBe(issuer);
    expect(user.roleIssuer).toBe(issuer);
    expect((await server.get(Accounts).signIn(readClaims(profile, { issuer }))).id).toBe(ID);
  });

  it('lets people into the accounts that they made with the local provider', async () => {
    await using database = await createTestDatabase();
    const profile = { sub: '1234', email: 'grace@example.com', email_verified: true };
    await fillBefore('20261126-local-provider', database, async (_orm, old) => {
      await old.query(`update users set role = 'user', email = '${profile.email}'`);
      await old.query(`update identities set provider = 'stand-in', subject = '${profile.sub}'`);
    });
    await using model = await ModelServer.start();
    await using server = await TestServer.start({}, { database, model });
    const account = await server
      .get(Accounts)
      .signIn(readClaims(profile, { issuer: server.config.google?.issuer ?? '' }));
    expect(account.id).toBe(ID);
  });
});
