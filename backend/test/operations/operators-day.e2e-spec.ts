import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import type { ProviderList } from '../../src/protocol/http/index.js';
import { freePort } from '../../testing/free-port.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { refuses, says, type Script } from '../../testing/model/script.js';
import { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { fill, mountSmallDisk } from '../database/outage.js';
import { until } from '../support/test-client.js';
import { Installation, type Visitor } from './installation.js';

const METRICS_TOKEN = 'a-token-for-prometheus';
const [OLD_SECRET, NEW_SECRET] = ['the first secret '.repeat(3), 'the second secret '.repeat(3)];

/** For everything that one server stores, so that its disk can be filled. */
const disk = mountSmallDisk(64);
const onDisk = disk === undefined ? it.skip : it;
const why = disk === undefined ? ' (not run: this machine does not permit mounting)' : '';

describe('the day of an operator', () => {
  const folder = disk ?? mkdtempSync(join(tmpdir(), 'lockstep-day-'));
  const database = join(folder, 'chat.db');
  const keyFile = join(folder, 'model-key');
  let red: OpenIdProvider;
  let blue: OpenIdProvider;
  let model: ModelServer;
  let installation: Installation;
  let ada: Visitor;
  let grace: Visitor;
  let conversation: string;
  let backup: string;
  /** The only key that the model accepts. */
  let accepted = 'key-one';

  const checked =
    (script: Script): Script =>
    (answer, request) =>
      request.headers.authorization === `Bearer ${accepted}`
        ? script(answer, request)
        : refuses(401, { error: { message: 'Incorrect API key', code: 'invalid_api_key' } })(answer, request);
  const readiness = async (): Promise<{ status: string; reason?: string }> =>
    (await (await installation.fetch('/health/ready')).json()) as { status: string; reason?: string };
  const metric = async (name: string): Promise<string | undefined> => {
    const text = await (await installation.fetch('/metrics', METRICS_TOKEN)).text();
    return new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  };

  beforeAll(async () => {
    const options = {
      client: { token_endpoint_auth_method: 'client_secret_post' as const },
      more: { clientAuthMethods: ['client_secret_post' as const] },
    };
    [red, blue] = [
      await OpenIdProvider.start({ ...options, path: '/realms/red' }),
      await OpenIdProvider.start({ ...options, path: '/realms/blue' }),
    ];
    model = await ModelServer.start();
    model.otherwise = checked(says(['Hello']));
    model.titles = checked(says(['A title']));
    writeFileSync(keyFile, 'key-one\n');
    installation = new Installation(await freePort(), {
      NODE_ENV: 'production',
      DATA_DIR: folder,
      APP_SECRET: OLD_SECRET,
      SIGN_IN_PROVIDERS: JSON.stringify([red.entry('red'), blue.entry('blue')]),
      OPENAI_API_KEY_FILE: keyFile,
      OPENAI_BASE_URL: model.baseUrl,
      BACKUP_EVERY: '1d',
      METRICS_TOKEN,
    });
  });
  afterAll(async () => {
    await installation[Symbol.asyncDispose]();
    for (const one of [red, blue, model]) await one[Symbol.asyncDispose]();
    if (disk !== undefined) execFileSync('umount', ['--lazy', disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('begins with the installation: the server makes its tables and is ready', async () => {
    await installation.spawn().ready();
    expect(await readiness()).toEqual({ status: 'ready' });
    expect((await installation.run('database/migrate.cli.js')).stdout).toBe('The database is up to date.\n');
  });

  it('the first admin is made on the command line', async () => {
    ada = await installation.signIn(red, 'red', 'ada');
    grace = await installation.signIn(blue, 'blue', 'grace');
    expect((await installation.fetch('/api/admin/users', ada.token)).status).toBe(403);
    expect((await installation.run('users/user-role.cli.js', 'ada@example.com', 'admin')).code).toBe(0);
    await until(
      async () => (await installation.fetch('/api/admin/users', ada.token)).status === 200,
      'Ada to be an admin',
    );
  });

  it('a backup is made, by hand and by the schedule', async () => {
    const { status, body } = await installation.ask(ada, 'Is anybody there?');
    expect([status, body.reply]).toEqual([200, 'Hello']);
    conversation = body.conversationId ?? '';
    const { stdout } = await installation.run('database/backup.cli.js');
    backup = / checked: (\S+) \(/.exec(stdout)?.[1] ?? '';
    expect(backup).not.toBe('');
    const scheduled = (): string[] =>
      readdirSync(join(folder, 'backups')).filter((name) => /^scheduled-.*\.db$/.test(name));
    await until(() => scheduled().length === 1, 'the scheduled backup');
    await until(
      async () => Number(await metric('lockstep_backup_last_success_timestamp_seconds')) > 0,
      'the metric to have its time',
    );
  });

  it('a damaged database is named, and restored from the backup', async () => {
    await installation.stop();
    for (const suffix of ['-wal', '-shm']) rmSync(database + suffix, { force: true });
    const file = openSync(database, 'r+');
    writeSync(file, Buffer.alloc(8_192, 'x'), 0, 8_192, 0);
    closeSync(file);
    const broken = installation.spawn();
    expect(await broken.ended()).toBe(1);
    expect(broken.lastOutput).toMatch(/chat\.db .*(damaged|not a SQLite database)/);
    const { code, stdout } = await installation.run('database/restore.cli.js', backup);
    expect([code, stdout]).toEqual([0, expect.stringContaining('What was there before is kept in')]);
    await installation.restart();
    expect((await installation.refresh(ada)).user.role).toBe('admin');
    const exported = await installation.run('commands/conversation-export.cli.js', conversation);
    expect(exported.stdout).toContain('Is anybody there?');
  });

  it('APP_SECRET is replaced, with two secrets at once, and nobody is signed out', async () => {
    installation.set({ APP_SECRET: NEW_SECRET, APP_SECRET_PREVIOUS: OLD_SECRET });
    await installation.restart();
    expect((await installation.ask(ada, 'With the token of before')).status).toBe(200);
    await installation.refresh(ada);
    await installation.refresh(grace);
    installation.set({ APP_SECRET_PREVIOUS: undefined });
    await installation.restart();
    expect((await installation.ask(ada, 'With the token of today')).status).toBe(200);
    await installation.refresh(grace);
  });

  it('the key of the model is replaced while the server runs', async () => {
    const { pid } = installation.server;
    accepted = 'key-two';
    const refused = await installation.ask(ada, 'With the old key');
    expect(refused.status).not.toBe(200);
    expect(JSON.stringify(refused.body)).toContain('model_auth');
    writeFileSync(keyFile, 'key-two\n');
    expect((await installation.ask(ada, 'With the new key')).status).toBe(200);
    expect(installation.server.pid).toBe(pid);
  });

  it('a sign-in provider is taken away: its users are told, and all others work', async () => {
    installation.set({ SIGN_IN_PROVIDERS: JSON.stringify([red.entry('red')]) });
    await installation.restart();
    const offered = (await (await installation.fetch('/api/auth/providers')).json()) as ProviderList;
    expect(offered.items.map(({ id }) => id)).toEqual(['red']);
    const old = await grace.browser.get(`/api/auth/login?provider=blue&challenge=${'x'.repeat(43)}`);
    expect([old.status, await old.text()]).toEqual([400, expect.stringContaining('blue')]);
    const alan = await installation.signIn(red, 'red', 'alan');
    expect((await installation.ask(alan, 'Does it work for me?')).status).toBe(200);
    // Open sessions stay until an operator ends them.
    await installation.refresh(grace);
    expect((await installation.run('commands/user-end-sessions.cli.js', 'grace@example.com')).code).toBe(0);
    await until(
      async () => (await installation.fetch('/api/conversations', grace.token)).status === 401,
      'Grace to be signed out',
    );
  });

  onDisk(
    `the disk fills up: the reason is said, and when there is space all goes on without a restart${why}`,
    async () => {
      const { pid } = installation.server;
      const filler = join(folder, 'filler');
      // Otherwise the file of the log would have room for the next commits.
      const other = new Sqlite(database);
      other.pragma('wal_checkpoint(truncate)');
      other.close();
      fill(filler);
      await until(async () => (await readiness()).status !== 'ready', 'the server to be unready');
      expect((await readiness()).reason).toBe('The server cannot write to the database: the disk is full.');
      expect(await metric('lockstep_database_writable')).toBe('0');
      expect((await installation.fetch('/health/live')).status).toBe(200);
      expect((await installation.ask(ada, 'Is there space?')).status).toBe(503);
      const { code, stderr } = await installation.run('database/backup.cli.js');
      expect([code, stderr]).toEqual([1, expect.stringMatching(/could not be backed up/)]);
      // What the documents advise: free space, and nothing else.
      rmSync(filler);
      await until(async () => (await readiness()).status === 'ready', 'the server to be ready again');
      expect(await metric('lockstep_database_writable')).toBe('1');
      expect((await installation.ask(ada, 'And now?')).status).toBe(200);
      expect(installation.server.pid).toBe(pid);
    },
  );
});
