import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../../testing/free-port.js';
import { scaled } from '../../testing/pace.js';
import { TestServer } from '../support/test-server.js';
import { ownCases } from './own-cases.js';
import { doctor, plainProxy } from './patient.js';
import { serviceCases } from './service-cases.js';
import { SECRET, Stage } from './stage.js';

jest.setTimeout(scaled(60_000));

const stage = new Stage();
beforeAll(() => stage.start());
afterAll(() => stage.end());

it('finds nothing wrong with an installation that is in order, whether its server runs or not', async () => {
  const running = await doctor(stage.healthy);
  expect([...running.problems]).toEqual([]);
  expect(running.code).toBe(0);
  const ids = running.report.findings.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['server_running', 'address_ok', 'web_socket_ok', 'client_address_ok']));
  expect(ids).toEqual(expect.arrayContaining(['database_ok', 'migrations_ok', 'model_ok', 'disk_ok', 'files_ok']));
  const port = String(await freePort());
  const stopped = await doctor({ ...stage.healthy, PORT: port });
  expect([...stopped.problems]).toEqual([]);
  expect(stopped.notes.get('address_unchecked')).toContain(`http://localhost:${port}`);
});

it('names the source of each value, and shows no secret', async () => {
  const { report } = await doctor(
    { ...stage.healthy, METRICS_TOKEN: 'a-token-of-metrics' },
    { OPENAI_API_KEY: 'sk-secret-word' },
  );
  const settings = new Map(report.settings.map((setting) => [setting.name, setting]));
  expect(settings.get('OPENAI_API_KEY')).toEqual({ name: 'OPENAI_API_KEY', value: '***', source: 'env_file' });
  expect(settings.get('APP_SECRET')).toMatchObject({ value: '***', source: 'environment' });
  expect(settings.get('PUBLIC_URL')).toMatchObject({ value: stage.server.config.publicUrl, source: 'derived' });
  expect(settings.get('MAX_RUNS_PER_USER')).toMatchObject({ value: '2', source: 'default' });
  expect(settings.get('REDIS_URL')).toMatchObject({ value: '', source: 'unset' });
  expect(JSON.stringify(report)).not.toMatch(/the-secret-of|a-token-of|sk-secret-word/);
});

describe('one thing that is wrong', () => {
  it.each([...ownCases(stage), ...serviceCases(stage)])('is named: %s', async (_what, make, id, sentence) => {
    const { problems, code, report } = await doctor({ ...stage.healthy, ...(await make()) });
    expect([...problems.keys()]).toContain(id);
    expect(problems.get(id)).toMatch(sentence);
    expect(code).toBe(1);
    expect(JSON.stringify(report)).not.toMatch(/secret-word|the-secret-of|wrong-key|wrong-word/);
    expect(report.findings.filter((one) => one.id === 'check_failed' || one.id === 'check_late')).toEqual([]);
  });

  it('is named: a proxy that is not trusted', async () => {
    const env = { ...stage.healthy, TRUSTED_PROXIES: '10.0.0.0/8', PORT: String(await freePort()) };
    const distrusting = await stage.kept(TestServer.start({ APP_SECRET: SECRET, TRUSTED_PROXIES: '10.0.0.0/8' }));
    const proxy = await stage.kept(plainProxy(() => distrusting.url, { 'x-forwarded-for': '192.0.2.7' }));
    const { problems, code } = await doctor({ ...env, PUBLIC_URL: proxy.url });
    expect(problems.get('client_address_hidden')).toMatch(/Add 127\.0\.0\.1 to TRUSTED_PROXIES/);
    expect(code).toBe(1);
  });

  it('is named: Redis that does not run, also if the database does not either', async () => {
    const change = {
      DATABASE_URL: `postgresql://a:secret-word@127.0.0.1:${await freePort()}/chat`,
      REDIS_URL: `redis://:secret-word@127.0.0.1:${await freePort()}`,
    };
    const { problems, report } = await doctor({ ...stage.healthy, ...change });
    expect(problems.get('redis_unusable')).toMatch(
      /^REDIS_URL: Redis at 127\.0\.0\.1:\d+ cannot be used \(nothing listens/,
    );
    expect(problems.get('database_unusable')).toMatch(/nothing listens at 127\.0\.0\.1/);
    expect(JSON.stringify(report)).not.toContain('secret-word');
  });

  it('is told as a note where the server can work with it', async () => {
    const DATABASE_URL = stage.copied((database) => database.exec('delete from migrations where id = 1'));
    const file = { STAND_IN_SIGN_IN: 'local', DEBUG_LEVEL: '3', LOG_LEVEL: 'trace' };
    const { notes } = await doctor({ ...stage.healthy, DATABASE_URL }, file);
    expect(notes.get('migrations_pending')).toMatch(/^Pending migrations: 1\./);
    expect(notes.get('config_former')).toMatch(/STAND_IN_SIGN_IN is now LOCAL_SIGN_IN/);
    expect(notes.get('config_unknown')).toMatch(/DEBUG_LEVEL in \.env/);
    expect(notes.get('config_overridden')).toMatch(/LOG_LEVEL has another value/);
  });
});

it('names every mistake of a production configuration at once, and checks the rest', async () => {
  const { problems, report } = await doctor({
    NODE_ENV: 'production',
    DATA_DIR: stage.folder,
    DATABASE_URL: stage.healthy['DATABASE_URL'] ?? '',
    DRAIN_MS: 'soon',
  });
  const invalid = report.findings.filter(({ id }) => id === 'config_invalid').map(({ params }) => params['variable']);
  expect(invalid).toEqual([
    'DRAIN_MS',
    'APP_SECRET',
    'PUBLIC_URL',
    'GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET or SIGN_IN_PROVIDERS',
    'OPENAI_API_KEY or OPENAI_BASE_URL',
  ]);
  expect([...problems.keys()]).toEqual(['config_invalid']);
  expect(report.findings.map(({ id }) => id)).toContain('database_ok');
});
