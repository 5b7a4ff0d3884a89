import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WRITE_REFUSALS } from '../../src/database/probes/write-refusal.js';
import type { WriteRefusal } from '../../src/protocol/index.js';
import { OUTAGES, type Outage } from '../database/outage.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const TOKEN = 'a-token-for-prometheus';
/** Without `max_page_count`: such a database still accepts writes that need no new page. */
const REFUSALS: Readonly<Record<string, WriteRefusal>> = { 'a read-only database': 'read_only', 'a full disk': 'full' };

describe.each(OUTAGES.filter(({ name }) => name in REFUSALS))('a server with $name', (kind) => {
  const refusal = REFUSALS[kind.name] ?? 'failed';
  let outage: Outage;
  let database: TestDatabase;
  let model: ModelServer;
  let server: TestServer;
  let admin: TestPerson;
  beforeAll(async () => {
    outage = kind.make();
    database = await createTestDatabase(null);
    model = await ModelServer.start();
    const env = { DATABASE_URL: `sqlite:${outage.path}`, METRICS_TOKEN: TOKEN };
    server = await TestServer.start(env, { database, model });
    admin = await server.signIn('Ada', 'admin');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    outage[Symbol.dispose]();
  });

  const dashboard = async (): Promise<unknown> => (await server.fetch('/api/admin/dashboard', admin)).json();
  const metrics = async (): Promise<string> => (await server.fetch('/metrics', { token: TOKEN })).text();

  it('reports it without any traffic, and reports the recovery', async () => {
    expect((await server.fetch('/health/ready')).status).toBe(200);
    await outage.begin(server);
    const isUnready = async (): Promise<boolean> => (await server.fetch('/health/ready')).status === 503;
    await until(isUnready, 'the server is not ready');
    const reason = WRITE_REFUSALS[refusal];
    expect(await (await server.fetch('/health/ready')).json()).toEqual({ status: 'unavailable', reason });
    expect(await dashboard()).toMatchObject({ databaseRefusal: refusal });
    expect(await metrics()).toContain('lockstep_database_writable 0');
    expect((await server.fetch('/health/live')).status).toBe(200);
    await outage.end(server);
    await until(async () => !(await isUnready()), 'the server is ready again');
    expect(await dashboard()).not.toHaveProperty('databaseRefusal');
    expect(await metrics()).toContain('lockstep_database_writable 1');
  });
});

it('the page uses the same sentences about the database as the server', () => {
  const messages = JSON.parse(readFileSync('frontend/messages/admin/en.json', 'utf8')) as Record<string, string>;
  for (const [refusal, sentence] of Object.entries(WRITE_REFUSALS)) {
    expect(messages[`dashboard_database_${refusal}`]).toBe(sentence);
  }
});
