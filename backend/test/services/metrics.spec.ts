import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort } from '../../testing/free-port.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { SilentRoad } from '../faults/stage/roads/silent-road.js';
import { ServerBuild } from '../faults/stage/server-build.js';
import { ServerProcess } from '../faults/stage/server-process.js';
import { growth, METRICS_TOKEN, readMetrics, whenGrown } from '../metrics/readings.js';
import { begin, whenEnded } from '../support/conversation.js';
import { TestClient, until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const PUBLIC_URL = 'http://localhost:3000';

let database: TestDatabase;
let model: ModelServer;
let build: ServerBuild;
let one: TestServer;
let other: ServerProcess;
let ada: TestPerson;
beforeAll(async () => {
  database = await createTestDatabase();
  model = await ModelServer.start();
  build = ServerBuild.copy();
  one = await TestServer.start({ METRICS_TOKEN, PUBLIC_URL }, { database, model });
  other = ServerProcess.spawn(build, await freePort(), {
    METRICS_TOKEN,
    PUBLIC_URL,
    APP_SECRET: one.config.appSecret,
    DATABASE_URL: database.url,
    DATA_DIR: database.dataDir,
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_MODELS: 'test-model',
  });
  await other.ready();
  ada = await one.signIn('Ada');
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
  build[Symbol.dispose]();
  await model[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

it('each of several processes on one PostgreSQL counts for itself', async () => {
  const far = { url: `http://127.0.0.1:${other.port}` };
  const [atOne, atOther] = [await growth(one), await growth(far)];
  const near = await one.connect(ada);
  model.next(says(['One']));
  const { stream } = await begin(near);
  await whenEnded(near, stream);
  await whenGrown(atOne, 1, 'lockstep_runs_ended_total', { end: 'completed', model: 'test-model' });
  expect(await atOne('lockstep_messages_sent_total', { result: 'accepted' })).toBe(1);
  expect(await atOne('lockstep_token_delay_seconds_count')).toBe(1);
  expect(await atOne('lockstep_sockets')).toBe(1);
  for (const name of ['runs_ended_total', 'messages_sent_total', 'token_delay_seconds_count', 'commit_events_count']) {
    expect([name, await atOther(`lockstep_${name}`)]).toEqual([name, 0]);
  }
  expect(await atOther('lockstep_sockets')).toBe(0);

  const tab = new TestClient(far.url, ada.token);
  await tab.connected();
  model.next(says(['Two']));
  const begun = await begin(tab);
  await whenEnded(tab, begun.stream);
  await whenGrown(atOther, 1, 'lockstep_runs_ended_total', { end: 'completed', model: 'test-model' });
  expect(await atOther('lockstep_messages_sent_total', { result: 'accepted' })).toBe(1);
  expect(await atOther('lockstep_token_delay_seconds_count')).toBe(1);
  expect(await atOne('lockstep_runs_ended_total')).toBe(1);
  expect(await atOne('lockstep_messages_sent_total')).toBe(1);
  tab.close();
  const names = (await readMetrics(far.url)).families.map(({ name }) => name);
  expect(names).toContain('lockstep_info');
  expect(names).not.toContain('lockstep_sqlite_log_bytes');
});

it('a server whose PostgreSQL does not answer says that it takes no writes', async () => {
  await using road = await SilentRoad.start(database.url);
  const env = { METRICS_TOKEN, BACKUP_EVERY: '1d' };
  await using server = await TestServer.start(env, { database: { ...database, url: road.url }, model });
  const isWritable = async (): Promise<number> => (await readMetrics(server.url)).sum('lockstep_database_writable');
  expect(await isWritable()).toBe(1);
  road.silence('both');
  await until(async () => (await isWritable()) === 0, 'it is not writable', 20_000);
  road.speak('lost');
  await until(async () => (await isWritable()) === 1, 'it is writable again', 20_000);
});
