import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sign, SIGNATURE_HEADER, STANDING_PATH } from '../../src/doctor/standing.js';
import { type ProcessStanding, systemCheck } from '../../src/protocol/http/index.js';
import { refuses } from '../../testing/model/script.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { SECRET } from './stage.js';

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start({ APP_SECRET: SECRET, OPENAI_MODELS: 'test-model' });
  ada = await server.signIn('Ada', 'admin');
});
afterAll(() => server[Symbol.asyncDispose]());

const check = (person: TestPerson): Promise<Response> =>
  server.fetch('/api/admin/system-check', person, { method: 'POST' });

it('checks the running server for admins, once for all who ask at the same time', async () => {
  server.model.next(refuses(401));
  const answers = await Promise.all([check(ada), check(ada), check(await server.signIn('Eve', 'admin'))]);
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(texts).size).toBe(1);
  expect(server.model.requests).toHaveLength(1);
  expect(server.model.requests[0]?.body).toMatchObject({ model: 'test-model', max_tokens: 1 });
  const { findings, settings } = systemCheck.parse(JSON.parse(texts[0] ?? ''));
  expect(findings).toContainEqual(expect.objectContaining({ id: 'model_key', status: 'problem' }));
  expect(findings.map(({ id }) => id)).toEqual(expect.arrayContaining(['config_ok', 'migrations_ok', 'files_ok']));
  expect(settings).toContainEqual({ name: 'APP_SECRET', value: '***', source: 'environment' });
  expect(texts[0]).not.toContain(SECRET);
});

it('is for admins only', async () => {
  expect((await check(await server.signIn('Bob'))).status).toBe(403);
});

it('tells what it is only to those who know APP_SECRET', async () => {
  const ask = (signature?: string): Promise<Response> =>
    server.fetch(
      STANDING_PATH,
      undefined,
      signature === undefined ? {} : { headers: { [SIGNATURE_HEADER]: signature } },
    );
  expect((await ask()).status).toBe(404);
  expect((await ask('00.11')).status).toBe(404);
  expect((await ask(sign('another-secret-of-32-characters-x'))).status).toBe(404);
  const standing = (await (await ask(sign(SECRET))).json()) as ProcessStanding;
  expect(standing).toMatchObject({
    address: '127.0.0.1',
    peer: '127.0.0.1',
    isPeerTrusted: true,
    hasForwardedFor: false,
  });
  expect(Object.keys(standing.settings)).toContain('APP_SECRET');
  expect(JSON.stringify(standing)).not.toContain(SECRET);
});
