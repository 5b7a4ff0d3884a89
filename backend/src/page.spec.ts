import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import { HttpServer } from '../testing/http-server.js';
import { readPage } from './page.js';

describe('the served page', () => {
  let server: HttpServer;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
    mkdirSync(join(folder, '_app/immutable'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), 'the page');
    writeFileSync(join(folder, '_app/immutable/start.abc.js'), 'code');
    writeFileSync(join(folder, '_app/version.json'), JSON.stringify({ version: '1.2.3-abc' }));
    writeFileSync(
      join(folder, '.routes.json'),
      JSON.stringify(['^\\/$', '^\\/chat(?:\\/([^/]+))?\\/?$', '^\\/login\\/?$']),
    );
    const page = readPage(folder);
    const app = express()
      .use(page.serve)
      .use(page.missing)
      .use(((error: { readonly status: number }, _request, response, _next) => {
        response.status(error.status).end();
      }) satisfies ErrorRequestHandler);
    app.use((_request, response) => void response.status(404).send('not the page'));
    // Not the whole server, so its answers are none that the contract knows.
    server = await HttpServer.start(app);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${server.url}${path}`, init);
    const { headers, status } = response;
    return { status, body: await response.text(), cache: headers.get('cache-control'), allow: headers.get('allow') };
  };

  it.each(['/', '/chat', '/chat/', '/chat/019aabcd', '/login?return=%2Fchat'])('gives the page at %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 200, body: 'the page', cache: 'no-cache' });
  });

  it('lets browsers keep what carries a hash, and nothing else', async () => {
    const { body, cache } = await ask('/_app/immutable/start.abc.js');
    expect([body, cache]).toEqual(['code', 'public, max-age=31536000, immutable']);
  });

  it.each([
    '/missing.js',
    '/_app/immutable/gone.js',
    '/api/nothing',
    '/metrics',
    '/health/ready',
    '/local/google/auth',
    '/v1/models',
    '/graphql',
    '/.well-known/openid-configuration',
    '/.routes.json',
    '/.env',
    '/chat/one/two',
    '/chats',
    '/metricsroom',
  ])('leaves %s to others', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: 'not the page' });
  });

  it('is sent with status 404 to a browser at an unknown address', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    expect(await ask('/chatt', { headers })).toMatchObject({ status: 404, body: 'the page', cache: 'no-cache' });
    expect(await ask('/chatt', { headers, method: 'POST' })).toMatchObject({ status: 404, body: 'not the page' });
    expect(await ask('/api/nothing', { headers })).toMatchObject({ status: 404, body: 'not the page' });
  });

  it.each(['/', '/chat/019aabcd', '/_app/immutable/start.abc.js'])(
    'says at %s that it can only be read',
    async (path) => {
      for (const method of ['POST', 'PUT', 'DELETE']) {
        expect(await ask(path, { method })).toMatchObject({ status: 405, allow: 'GET, HEAD' });
      }
      expect(await ask(path, { method: 'OPTIONS' })).toMatchObject({ status: 204, allow: 'GET, HEAD' });
      expect(await ask(path, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    },
  );

  it('answers no other methods elsewhere, and nothing outside its folder', async () => {
    expect(await ask('/graphql', { method: 'POST' })).toMatchObject({
      status: 404,
      body: 'not the page',
      allow: null,
    });
    expect((await ask('/..%2f..%2fetc%2fpasswd')).body).not.toContain('root:');
  });

  it('names the folder when nothing was built', () => {
    expect(() => readPage('/nonexistent')).toThrow('/nonexistent');
  });
});
