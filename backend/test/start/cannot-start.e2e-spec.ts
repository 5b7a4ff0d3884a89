import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { CannotStart } from '../../src/config/checks/cannot-start.js';
import { keptSecret } from '../../src/config/checks/kept-secret.js';
import { readConfig } from '../../src/config/read-config.js';
import { tryLockDatabase } from '../../src/database/sqlite/process-lock.js';
import { askPostgres, postgresFailure } from '../../src/database/postgres/postgres-failure.js';
import { startServer } from '../../src/server.js';
import { fill, mountSmallDisk } from '../database/outage.js';
import { FakePostgres, refusal } from './fake-postgres.js';

const APP_SECRET = 'x'.repeat(32);
const NOBODY = 65_534;

/** The message in the terminal instead of a running server. */
async function sentence(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    // A stack trace helps only those who can change the program.
    expect(error).toBeInstanceOf(CannotStart);
    const { message } = error as CannotStart;
    expect(message).not.toMatch(/\n|secret-word| at file:/);
    expect(message).toMatch(/\.$|\?$/);
    return message;
  }
  throw new Error('It has started');
}

const starting = (env: Record<string, string>) => sentence(() => startServer(readConfig({ PORT: '0', ...env })));

/** Root may write everywhere, so some tests give up its rights. */
function asNobody<T>(work: () => T): T {
  const { seteuid, geteuid } = process;
  if (geteuid?.() !== 0 || !seteuid) return work();
  seteuid(NOBODY);
  try {
    return work();
  } finally {
    seteuid(0);
  }
}

describe('the data folder', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-start-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['is a file', '', /file where a folder should be/],
    ['is below a file', 'below', /part of the path is a file/],
  ])('%s', async (_what, below, reason) => {
    const file = join(folder, 'data');
    writeFileSync(file, '');
    const said = await starting({ DATA_DIR: join(file, below) });
    expect(said).toMatch(reason);
    expect(said).toContain(`DATA_DIR: ${file}`);
    expect(await starting({ DATA_DIR: join(file, below), APP_SECRET })).toMatch(reason);
  });

  it('belongs to another user', async () => {
    chmodSync(folder, 0o555);
    expect(await sentence(() => asNobody(() => keptSecret(folder)))).toMatch(/DATA_DIR: .* has no right to it/);
    expect(await sentence(() => asNobody(() => keptSecret(join(folder, 'new'))))).toMatch(/no right to it/);
    const locked = await sentence(() => asNobody(() => tryLockDatabase(join(folder, 'chat.db'))));
    expect(locked).toMatch(/chat\.db.* has no right to it/);
  });

  it('contains a secret that this user may not read', async () => {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'app-secret'), APP_SECRET, { mode: 0o600 });
    if (process.geteuid?.() !== 0) chmodSync(join(folder, 'app-secret'), 0);
    expect(await sentence(() => asNobody(() => keptSecret(folder)))).toMatch(/app-secret cannot be used: .* no right/);
  });

  it.each([
    ['nothing', ''],
    ['half a secret', 'x'.repeat(20)],
  ])('has a secret file with %s, which must not be used to sign tokens', async (_what, text) => {
    writeFileSync(join(folder, 'app-secret'), text);
    const said = await starting({ DATA_DIR: folder });
    expect(said).toMatch(/app-secret should hold a secret of 32 characters or more/);
    expect(readFileSync(join(folder, 'app-secret'), 'utf8')).toBe(text);
  });

  it('contains folders where files should be', async () => {
    mkdirSync(join(folder, 'app-secret'));
    expect(await starting({ DATA_DIR: folder })).toMatch(/app-secret cannot be used: it is a folder/);
    mkdirSync(join(folder, 'chat.db'));
    expect(await starting({ DATA_DIR: folder, APP_SECRET })).toMatch(/chat\.db cannot be used: it is a folder/);
  });

  const disk = mountSmallDisk();
  if (disk !== undefined) execFileSync('umount', [disk]);
  if (disk !== undefined) rmSync(disk, { recursive: true });
  const onDisk = disk === undefined ? it.skip : it;
  const why = disk === undefined ? ' (not run: this machine does not permit mounting)' : '';

  onDisk(`is full, and a secret is written completely or not at all${why}`, async () => {
    const small = mountSmallDisk() ?? '';
    try {
      fill(join(small, 'filler'));
      expect(await starting({ DATA_DIR: small })).toMatch(/DATA_DIR: .*the disk is full/);
      expect(existsSync(join(small, 'app-secret'))).toBe(false);
      expect(await starting({ DATA_DIR: small, APP_SECRET })).toMatch(/database .* cannot be used: the disk is full/);
    } finally {
      execFileSync('umount', ['--lazy', small]);
      rmSync(small, { recursive: true });
    }
  });

  onDisk(`is read-only${why}`, async () => {
    const small = mountSmallDisk() ?? '';
    try {
      execFileSync('mount', ['-o', 'remount,ro', small]);
      expect(await starting({ DATA_DIR: small })).toMatch(/DATA_DIR: .*the file system is read-only/);
      const path = join(small, 'chat.db');
      expect(await starting({ DATA_DIR: folder, DATABASE_URL: `sqlite:${path}` })).toMatch(/file system is read-only/);
    } finally {
      execFileSync('umount', ['--lazy', small]);
      rmSync(small, { recursive: true });
    }
  });
});

describe('a SQLite file', () => {
  let folder: string;
  let path: string;
  const start = () => starting({ DATA_DIR: folder, APP_SECRET });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-start-'));
    path = join(folder, 'chat.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('that is no database is left unchanged', async () => {
    const text = 'Dear diary, '.repeat(1_000);
    writeFileSync(path, text);
    const said = await start();
    expect(said).toContain(path);
    expect(said).toMatch(/is not a SQLite database\. Restore a backup with `npm run db:restore FILE`/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('of another program is left unchanged', async () => {
    const other = new Sqlite(path);
    other.exec('create table users (nickname text)');
    expect(await start()).toMatch(/could not be brought up to date: .*users.*Is it one of Lockstep\?/);
    const tables = other.prepare("select name from sqlite_schema where name in ('users', 'runs')").pluck().all();
    expect(tables).toEqual(['users']);
    other.close();
  });

  it('that another server uses is named, with the way to run two servers', async () => {
    using lock = tryLockDatabase(path);
    expect(lock).toBeDefined();
    expect(await start()).toMatch(/Another server is using .*chat\.db\..* set DATABASE_URL to PostgreSQL/);
  });
});

describe('PostgreSQL', () => {
  it.each([
    ['28P01', 'password authentication failed for user "lockstep"', /does not let "lockstep" in.*DATABASE_URL/],
    ['28000', 'no pg_hba.conf entry for host', /does not let "lockstep" in: no pg_hba\.conf entry/],
    ['3D000', 'database "chat" does not exist', /has no database "chat"/],
    ['53300', 'sorry, too many clients already', /takes no connections at the moment: sorry.*Try again/],
    ['57P03', 'the database system is starting up', /takes no connections at the moment: .*starting up/],
    ['58030', 'could not read file', /cannot write: could not read file/],
    ['XX000', 'something new', /could not be brought up to date: something new/],
  ])('that answers %s is quoted in the message', async (code, message, said) => {
    await using postgres = await FakePostgres.start((socket) =>
      socket.once('data', () => socket.end(refusal(code, message))),
    );
    const answer = await starting({ APP_SECRET, DATABASE_URL: postgres.url });
    expect(answer).toMatch(said);
    if (code !== 'XX000') expect(answer).toContain(postgres.address);
  });

  it('that is not reachable is named by its address', async () => {
    const gone = await FakePostgres.start((socket) => socket.destroy());
    const { url, address } = gone;
    await gone[Symbol.asyncDispose]();
    expect(await starting({ APP_SECRET, DATABASE_URL: url })).toContain(`nothing listens at ${address}`);
    const unknown = await starting({ APP_SECRET, DATABASE_URL: 'postgresql://a:b@no-such-host.invalid/c' });
    expect(unknown).toMatch(/DATABASE_URL: there is no host of the name "no-such-host\.invalid"/);
  });

  it('that hangs up, or is another program, is reported as such', async () => {
    await using hanging = await FakePostgres.start((socket) => socket.once('data', () => socket.destroy()));
    expect(await starting({ APP_SECRET, DATABASE_URL: hanging.url })).toMatch(
      /is not PostgreSQL, or closes the connection/,
    );
    await using web = await FakePostgres.start((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
    );
    expect(await starting({ APP_SECRET, DATABASE_URL: web.url })).toMatch(/is not PostgreSQL, or closes/);
  });

  it('that does not answer is reported after a timeout', async () => {
    await using silent = await FakePostgres.start(() => undefined);
    const error = await askPostgres(silent.url, 100).catch((thrown: unknown) => thrown);
    expect(postgresFailure(silent.url, error)).toMatch(/does not answer at 127\.0\.0\.1:\d+ within 5 seconds/);
  });

  it('is only used encrypted if DATABASE_URL says so', async () => {
    const asked = Promise.withResolvers<Buffer>();
    await using plain = await FakePostgres.start((socket) =>
      socket.once('data', (bytes: Buffer) => {
        asked.resolve(bytes);
        socket.write('N');
      }),
    );
    const said = await starting({ APP_SECRET, DATABASE_URL: `${plain.url}?sslmode=verify-full` });
    expect(said).toMatch(/offers no encryption, and DATABASE_URL asks for it/);
    // The request code of SSLRequest.
    expect((await asked.promise).readInt32BE(4)).toBe(80_877_103);
  });

  const url = process.env['TEST_DATABASE_URL'];
  const real = url === undefined ? it.skip : it;
  real(
    `that is real does not get a missing database created${url ? '' : ' (not run here: npm run test:services does)'}`,
    async () => {
      const missing = new URL(url ?? '');
      missing.pathname = '/lockstep_that_nobody_made';
      const DATABASE_URL = missing.href;
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        expect(await starting({ APP_SECRET, DATABASE_URL })).toMatch(/no database "lockstep_that_nobody_made"/);
      }
      missing.username = 'lockstep_nobody';
      expect(await starting({ APP_SECRET, DATABASE_URL: missing.href })).toMatch(/does not let "lockstep_nobody" in/);
    },
  );
});
