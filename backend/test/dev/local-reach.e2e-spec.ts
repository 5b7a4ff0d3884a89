import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServedLocalServices, serveLocalServices } from './serve-local-services.js';

/** `fetch` cannot send another `Host`. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const asked = request(url, { headers, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const PATHS = ['/local/google/.well-known/openid-configuration', '/local/google/page.css'];

describe('a local provider for this machine only', () => {
  let served: ServedLocalServices;
  beforeAll(async () => void (served = await serveLocalServices()));
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
  });

  it.each<[string, Record<string, string>]>([
    ['a request through a proxy on this machine', { 'x-forwarded-for': '203.0.113.9' }],
    [
      'a request through a proxy that claims the address of this machine',
      { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
    ],
    ['a proxy that passes its own name on', { host: 'chat.example.org' }],
    ['a proxy that sends the name in a header', { 'x-forwarded-host': 'chat.example.org' }],
    ['a page with DNS rebinding', { host: 'evil.example:3000' }],
    ['an invalid host', { host: '[' }],
  ])('refuses %s', async (_what, headers) => {
    for (const path of PATHS) expect(await statusOf(`${served.config.publicUrl}${path}`, headers)).toBe(403);
  });

  it('refuses requests to the model from elsewhere', async () => {
    const models = `${served.config.publicUrl}/local/openai/v1/models`;
    expect(await statusOf(models, { 'x-forwarded-for': '203.0.113.9' })).toBe(403);
    expect(await statusOf(models, {})).not.toBe(403);
  });

  it('accepts clients on this machine', async () => {
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000']) {
      for (const path of PATHS) expect(await statusOf(`${served.config.publicUrl}${path}`, { host })).toBe(200);
    }
  });
});

it('a local provider for a network answers every client', async () => {
  await using open = await serveLocalServices({ LOCAL_SIGN_IN: 'network' });
  expect(await statusOf(`${open.config.publicUrl}${PATHS[1]}`, { host: 'chat.lan:3000' })).toBe(200);
});
