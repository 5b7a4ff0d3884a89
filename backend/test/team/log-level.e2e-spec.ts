import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { PinoLogger } from 'nestjs-pino';
import { Database } from '../../src/database/database.js';
import { type AuditEntry, type LogLevelState, type Page } from '../../src/protocol/index.js';
import { passTime } from '../support/pass-time.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const HOUR_MS = 3_600_000;

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start({ LOG_LEVEL: 'fatal' });
  ada = await server.signIn('Ada', 'admin');
});
afterEach(() => {
  jest.restoreAllMocks();
  ada = server.renew(ada);
});
afterAll(() => server[Symbol.asyncDispose]());

const read = async (): Promise<LogLevelState> =>
  (await (await server.fetch('/api/admin/log-level', ada)).json()) as LogLevelState;
const set = (level: string | null, person = ada): Promise<Response> =>
  server.fetch('/api/admin/log-level', person, { method: 'PUT', body: JSON.stringify({ level }) });

it('[A5] is changed by admins at once, told to other admins, and recorded', async () => {
  expect(await read()).toEqual({ configured: 'fatal', level: 'fatal', until: null });
  const tab = await server.connect(ada);
  await tab.subscribe('admin');
  const changed = (await (await set('error')).json()) as LogLevelState;
  expect(changed).toMatchObject({ configured: 'fatal', level: 'error' });
  expect(PinoLogger.root.level).toBe('error');
  expect(await tab.event('admin', 'logging.changed')).toEqual(changed);
  const { items } = (await (await server.fetch('/api/admin/audit?limit=1', ada)).json()) as Page<AuditEntry>;
  expect(items[0]).toMatchObject({
    action: 'logging.changed',
    actorEmail: 'ada@example.com',
    detail: { from: 'fatal', to: 'error', until: changed.until },
  });
  expect(await (await set(null)).json()).toEqual({ configured: 'fatal', level: 'fatal', until: null });
  expect(PinoLogger.root.level).toBe('fatal');
});

it('ends by itself after an hour', async () => {
  await set('error');
  passTime(server.get(Database).clock, HOUR_MS);
  await until(() => PinoLogger.root.level === 'fatal', 'the configured level');
  ada = server.renew(ada);
  expect(await read()).toEqual({ configured: 'fatal', level: 'fatal', until: null });
});

it('is refused to others, and for levels that do not exist', async () => {
  expect((await set('debug', await server.signIn('Bob'))).status).toBe(403);
  expect((await set('loud')).status).toBe(400);
  expect((await set('silent')).status).toBe(400);
});
