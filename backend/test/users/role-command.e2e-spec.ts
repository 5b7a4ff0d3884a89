import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../migrations/index.js';
import { connect } from '../../src/database/connect.js';
import { Database } from '../../src/database/database.js';
import { ENTITIES } from '../../src/schema.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { StreamReader } from '../../src/streams/log/stream-reader.js';
import { setRole } from '../../src/users/admin/role-command.js';
import { UsersService } from '../../src/users/users.service.js';
import { AuthServer, person } from '../auth/auth-server.js';
import { idOf, readProfile } from './people.js';

describe('the command for roles', () => {
  let server: AuthServer;
  let users: UsersService;
  let close: () => Promise<void>;
  beforeAll(async () => {
    server = await AuthServer.start();
    // Its own connection, like that of another process while the server runs.
    const { database: config } = server.config;
    const orm = await connect(config, { entities: ENTITIES, migrations: MIGRATIONS });
    const database = new Database(orm);
    const log = new EventLog(database);
    users = new UsersService(database, log);
    close = () => orm.close();
  });
  afterAll(async () => {
    await close();
    await server[Symbol.asyncDispose]();
  });

  it('makes an admin while a server runs, which finds the change in the log', async () => {
    const ada = await server.signIn('ada');
    const said = await setRole(users, ['ADA@example.com', 'admin']);
    expect(said).toBe('ada <ada@example.com> was "user" and is "admin" now.');
    expect(await readProfile(server, ada)).toMatchObject({ role: 'admin' });
    const { events } = await server.get(StreamReader).eventsAfter(`user:${idOf(ada)}`, 0);
    expect(events).toMatchObject([{ type: 'user.updated', data: { role: 'admin' } }]);
    const audit = await server.get(StreamReader).eventsAfter('admin', 0);
    const added = audit.events.find(({ type }) => type === 'audit.added');
    expect(added?.data).toMatchObject({ actorId: null, actorEmail: null, targetEmail: 'ada@example.com' });
    expect(await setRole(users, ['ada@example.com', 'admin'])).toContain('already');
  });

  it.each([
    ['an unknown e-mail', ['nobody@example.com', 'user'], /There is no account nobody@example\.com/],
    ['an unknown role', ['ada@example.com', 'owner'], /no role "owner".*pending, user, admin/],
    ['too little', ['ada@example.com'], /Usage: /],
    ['too much', ['ada@example.com', 'user', 'now'], /Usage: /],
    ['the last admin', ['ada@example.com', 'user'], /ada@example\.com>: This is the last admin/],
  ])('refuses %s, with a message', async (_what, args, sentence) => {
    await expect(setRole(users, args)).rejects.toThrow(sentence);
  });

  it('requires an id when several accounts have the same e-mail', async () => {
    const [first, second] = [await server.signIn('twin'), await server.signIn({ ...person('twin'), sub: 'other' })];
    const refused = setRole(users, ['twin@example.com', 'admin']);
    await expect(refused).rejects.toThrow(idOf(first));
    await expect(refused).rejects.toThrow(idOf(second));
    await setRole(users, [idOf(second), 'admin']);
    expect((await readProfile(server, first)).role).toBe('user');
    expect((await readProfile(server, second)).role).toBe('admin');
  });
});
