import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../migrations/index.js';
import { connect } from '../../src/database/connect.js';
import { Database } from '../../src/database/database.js';
import { userStream } from '../../src/protocol/index.js';
import { ENTITIES } from '../../src/schema.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { setRole } from '../../src/users/admin/role-command.js';
import { UsersService } from '../../src/users/users.service.js';
import { says } from '../../testing/model/script.js';
import { clog, LONG, webSocketOf } from '../realtime/deaf-tab.js';
import { begin } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';
import { growth, METRICS_TOKEN, readMetrics, whenGrown } from './readings.js';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ METRICS_TOKEN, LAGGING_BYTES: '400000', LAGGING_MS: '60000' });
});
afterAll(() => server[Symbol.asyncDispose]());

describe('the metrics of sockets', () => {
  it('count the open sockets, and their users', async () => {
    const person = await server.signIn('Ada');
    const grown = await growth(server);
    const tabs = [await server.connect(person), await server.connect(person)];
    expect(await grown('lockstep_sockets')).toBe(2);
    expect(await grown('lockstep_connected_users')).toBe(1);
    for (const tab of tabs) tab.close();
    await whenGrown(grown, 0, 'lockstep_sockets');
  });

  it('count subscriptions with a cursor, by what they were answered with, and no others', async () => {
    const bob = await server.signIn('Bob');
    const tab = await server.connect(bob);
    const stream = userStream(bob.userId);
    const grown = await growth(server);
    const { epoch } = await tab.subscribe(stream);
    expect(await grown('lockstep_resubscriptions_total')).toBe(0);
    expect((await tab.subscribe(stream, { epoch, seq: 0 })).mode).toBe('events');
    expect((await tab.subscribe(stream, { epoch, seq: 1_000_000 })).mode).toBe('snapshot');
    expect(await grown('lockstep_resubscriptions_total', { reason: 'replay' })).toBe(1);
    expect(await grown('lockstep_resubscriptions_total', { reason: 'snapshot' })).toBe(1);
  });

  it('count a socket that does not read once, whether it is told so or closed', async () => {
    const person = await server.signIn('Cleo');
    const tab = await server.connect(person);
    server.model.next(says(LONG));
    const { stream } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    const deaf = await server.connect(person);
    await deaf.subscribe(stream);
    const grown = await growth(server);
    const { _socket: tcp } = webSocketOf(deaf);
    tcp.pause();
    for (let n = 0; n < 60; n += 1) clog(deaf, stream);
    await whenGrown(grown, 1, 'lockstep_lagging_sockets_total');
    await whenGrown(grown, -1, 'lockstep_sockets');
    expect(await grown('lockstep_lagging_sockets_total')).toBe(1);
    tcp.destroy();
  });

  it('count events of another process that were found in the log', async () => {
    const dan = await server.signIn('Dan');
    const tab = await server.connect(dan);
    await tab.subscribe(userStream(dan.userId));
    const grown = await growth(server);
    // Like a command at the command line, which has no bus.
    const orm = await connect(server.config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    const database = new Database(orm);
    await setRole(new UsersService(database, new EventLog(database)), ['dan@example.com', 'admin']);
    await orm.close();
    await tab.event(userStream(dan.userId), 'user.updated');
    expect(await grown('lockstep_bus_catchups_total')).toBeGreaterThanOrEqual(1);
    expect((await readMetrics(server.url)).sum('lockstep_database_writable')).toBe(1);
  });
});
