import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { servePage } from './page.js';

describe('servePage', () => {
  let server: Server;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
    mkdirSync(join(folder, '_app/immutable'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), 'the page');
    writeFileSync(join(folder, '_app/immutable/start.abc.js'), 'code');
    const app = express().use(servePage(folder));
    server = app.use((_request, response) => void response.status(404).send('somebody else')).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);
    return { status: response.status, body: await response.text(), cache: response.headers.get('cache-control') };
  };

  it.each(['/', '/chat', '/chat/019aabcd', '/login?return=%2Fchat', '/metricsroom'])(
    'gives the page at %s',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 200, body: 'the page', cache: 'no-cache' });
    },
  );

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
    '/stand-in/google/auth',
  ])('leaves %s to others: a missing file is missing', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: 'somebody else' });
  });

  it('answers no other methods, and nothing outside its folder', async () => {
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 404, body: 'somebody else' });
    expect((await ask('/..%2f..%2fetc%2fpasswd')).body).not.toContain('root:');
  });

  it('names the folder when nothing was built', () => {
    expect(() => servePage('/nonexistent')).toThrow('/nonexistent');
  });
});
