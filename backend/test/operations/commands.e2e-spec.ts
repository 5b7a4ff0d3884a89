import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdminUser, AuditEntry } from '../../src/protocol/index.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { ServerBuild } from '../faults/stage/server-build.js';
import { begin, whenNamed } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { runScript, type ScriptEnded } from './run-script.js';

/** The scripts, as the Docker image runs them, by the names of `npm run`. */
const SCRIPTS = {
  'user:list': 'commands/user-list.cli.js',
  'user:role': 'users/user-role.cli.js',
  'user:end-sessions': 'commands/user-end-sessions.cli.js',
  'conversation:export': 'commands/conversation-export.cli.js',
} as const;
type Command = keyof typeof SCRIPTS;

describe('the commands for scripts, beside a running server', () => {
  let build: ServerBuild;
  let database: TestDatabase;
  let model: ModelServer;
  let server: TestServer;
  let ada: TestPerson;
  let grace: TestPerson;

  const run = (command: Command, ...args: string[]): Promise<ScriptEnded> =>
    runScript(build.script(SCRIPTS[command]), args, {
      env: { DATABASE_URL: database.url, DATA_DIR: database.dataDir },
      cwd: build.cwd,
    });
  const list = async (...args: string[]): Promise<readonly AdminUser[]> => {
    const { code, stdout, stderr } = await run('user:list', '--json', ...args);
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as AdminUser[];
  };
  const names = async (...args: string[]): Promise<string[]> => (await list(...args)).map(({ name }) => name);
  const audit = async (): Promise<readonly AuditEntry[]> => {
    const response = await server.fetch('/api/admin/audit', ada);
    return ((await response.json()) as { items: AuditEntry[] }).items;
  };

  beforeAll(async () => {
    build = ServerBuild.copy();
    database = await createTestDatabase();
    model = await ModelServer.start();
    server = await TestServer.start({}, { database, model });
    ada = await server.signIn('Ada', 'admin');
    grace = await server.signIn('Grace');
    const alan = await server.signIn('Alan');
    const body = JSON.stringify({ disabled: true });
    expect((await server.fetch(`/api/admin/users/${alan.userId}`, ada, { method: 'PATCH', body })).ok).toBe(true);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    build[Symbol.dispose]();
  });

  it('list the users, as JSON with filters and as a table', async () => {
    expect(await names()).toEqual(['Alan', 'Grace', 'Ada']);
    expect(await names('--role', 'admin')).toEqual(['Ada']);
    expect(await names('--disabled')).toEqual(['Alan']);
    expect(await names('--enabled', '--role', 'user')).toEqual(['Grace']);
    expect(await list('--search', 'nobody')).toEqual([]);
    expect((await list('--search', 'GRACE'))[0]).toMatchObject({ id: grace.userId, email: 'grace@example.com' });
    const { stdout } = await run('user:list');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^ID +ROLE +STATUS +LAST SEEN +E-MAIL +NAME/);
    expect(lines[1]).toMatch(/^[0-9a-f-]{36} {2}user +disabled +never +alan@example\.com +Alan$/);
  });

  it('give a role', async () => {
    const { code, stdout } = await run('user:role', 'grace@example.com', 'admin');
    expect([code, stdout]).toEqual([0, 'Grace <grace@example.com> was "user" and is "admin" now.\n']);
    expect(await names('--role', 'admin')).toEqual(['Grace', 'Ada']);
    expect((await run('user:role', 'grace@example.com', 'user')).code).toBe(0);
  });

  it('end the sessions of a user: open sockets are closed, and the audit has it', async () => {
    const tab = await server.connect(grace);
    const other = await server.connect(ada);
    const { code, stdout } = await run('user:end-sessions', 'GRACE@example.com');
    expect([code, stdout]).toEqual([0, 'Ended 1 sessions of Grace <grace@example.com>.\n']);
    await until(() => tab.disconnectReason !== undefined, 'the tab to be disconnected', 2_000);
    expect(other.disconnectReason).toBeUndefined();
    expect((await server.fetch('/api/conversations', grace)).status).toBe(401);
    const entry = { action: 'session.all_ended', actorId: null, targetId: grace.userId, detail: { count: 1 } };
    expect((await audit())[0]).toMatchObject(entry);
    expect((await run('user:end-sessions', grace.userId)).stdout).toContain('has no sessions');
  });

  it('export a conversation as the page does, with nothing else on standard output', async () => {
    const tab = await server.connect(ada);
    model.next(says(['A **reply**\n', 'with `code`']));
    const { stream, conversationId } = await begin(tab, 'A question');
    await whenNamed(tab, stream);
    const written = await server.fetch(`/api/conversations/${conversationId}/export?format=markdown`, ada);
    expect(await run('conversation:export', conversationId)).toEqual({
      code: 0,
      stdout: await written.text(),
      stderr: '',
    });
    const { stdout } = await run('conversation:export', conversationId, '--format=json');
    const page = await server.fetch(`/api/conversations/${conversationId}/export?format=json`, ada);
    expect(JSON.parse(stdout)).toEqual(await page.json());
    const entry = { action: 'conversation.exported', actorId: null, detail: { conversationId } };
    expect((await audit())[0]).toMatchObject(entry);
  });

  it.each<[string, Command, string[], number, RegExp]>([
    ['an unknown option', 'user:list', ['--all'], 2, /--all/],
    ['an unknown role', 'user:list', ['--role', 'owner'], 2, /There is no role "owner"/],
    ['two filters that exclude each other', 'user:list', ['--disabled', '--enabled'], 2, /only one/],
    ['an unknown account', 'user:end-sessions', ['nobody@example.com'], 1, /There is no account nobody@/],
    ['a missing account', 'user:end-sessions', [], 2, /EMAIL is missing/],
    ['a conversation that is none', 'conversation:export', ['mine'], 2, /"mine" is not the id/],
    [
      'an unknown format',
      'conversation:export',
      ['01970000-0000-7000-8000-000000000002', '--format', 'pdf'],
      2,
      /"pdf"/,
    ],
    ['an unknown conversation', 'conversation:export', ['01970000-0000-7000-8000-000000000002'], 1, /no conversation/],
    ['the last admin', 'user:role', ['ada@example.com', 'user'], 1, /last admin/],
  ])('refuse %s on standard error, with an exit code', async (_what, command, args, code, sentence) => {
    const ended = await run(command, ...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).not.toMatch(/\n +at /);
    // Who calls it wrong is told how it is called.
    expect(ended.stderr.includes('Usage: npm run')).toBe(code === 2);
  });

  it('print their usage, and stand in the documents', async () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const documented = readFileSync('docs/operating.md', 'utf8');
    for (const [command, path] of Object.entries(SCRIPTS)) {
      const { code, stdout } = await run(command as Command, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: npm run (--silent )?${command} -- `));
      expect(scripts[command]).toBeDefined();
      expect(documented).toContain(`\`${command}\``);
      expect(documented).toContain(`\`${path}\``);
    }
  });
});
