import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { begin, whenNamed } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';

const run = promisify(execFile);

/** A client that is written from the document only. */
const CLIENT = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

const { SERVER_URL = '', TOKEN = '' } = process.env;
const client = createClient<paths>({ baseUrl: SERVER_URL, headers: { authorization: \`Bearer \${TOKEN}\` } });

const list = await client.GET('/api/conversations', { params: { query: { limit: 5, archived: 'false' } } });
const titles: readonly string[] | undefined = list.data?.items.map(({ title }) => title);
const cursor: string | null | undefined = list.data?.nextCursor;

const changed = await client.PATCH('/api/profile/me', { body: { preferences: { theme: 'dark' } } });
const theme: 'system' | 'light' | 'dark' | undefined = changed.data?.preferences.theme;

const missing = { id: '00000000-0000-7000-8000-000000000000' };
const refused = await client.GET('/api/conversations/{id}', { params: { path: missing } });
const code: components['schemas']['Problem']['code'] | undefined = refused.error?.code;

console.log(JSON.stringify({ titles, cursor, theme, code, isMissing: code === 'not_found' }));
`;

/** The compiler must refuse each of these lines: it reports a directive that is not needed. */
const MISTAKES = `
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

const client = createClient<paths>();
export async function mistakes(): Promise<void> {
  // @ts-expect-error no such route
  await client.GET('/api/nothing');
  // @ts-expect-error no such method of the route
  await client.DELETE('/api/profile/me');
  // @ts-expect-error the path parameter is missing
  await client.GET('/api/conversations/{id}');
  // @ts-expect-error no such theme
  await client.PATCH('/api/profile/me', { body: { preferences: { theme: 'pink' } } });
  // @ts-expect-error a name must be a string
  await client.PATCH('/api/profile/me', { body: { name: 7 } });
  const { data, error } = await client.GET('/api/models');
  // @ts-expect-error no such answer
  data?.models;
  // @ts-expect-error the list of codes is closed
  if (error?.code === 'no_such_code') return;
}
`;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    outDir: 'built',
    rootDir: '.',
  },
  include: ['*.ts'],
};

describe('a client that is generated from the OpenAPI document', () => {
  let server: TestServer;
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-client-'));
  const tool = (path: string, ...options: string[]) =>
    run(process.execPath, [resolve('node_modules', path), ...options], { cwd: folder });

  beforeAll(async () => {
    server = await TestServer.start();
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    writeFileSync(join(folder, 'client.ts'), CLIENT);
    writeFileSync(join(folder, 'mistakes.ts'), MISTAKES);
    writeFileSync(join(folder, 'openapi.json'), await (await server.fetch('/api/docs-json')).text());
    await tool('openapi-typescript/bin/cli.js', 'openapi.json', '--output', 'api.ts');
  }, 60_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server[Symbol.asyncDispose]();
  });

  it('compiles, rejects wrong requests at compile time, and talks to the server', async () => {
    const compiled = await tool('@typescript/native/bin/tsc', '-p', '.').catch((error: unknown) => error);
    expect(compiled).toMatchObject({ stdout: '' });
    const ada = await server.signIn('Ada');
    const tab = await server.connect(ada);
    const { stream } = await begin(tab);
    await whenNamed(tab, stream);
    const env = { ...process.env, SERVER_URL: server.url, TOKEN: ada.token };
    const { stdout } = await run(process.execPath, ['built/client.js'], { cwd: folder, env });
    expect(JSON.parse(stdout)).toEqual({
      titles: ['A short title'],
      cursor: null,
      theme: 'dark',
      code: 'not_found',
      isMissing: true,
    });
  }, 60_000);
});
