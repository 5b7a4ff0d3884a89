import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { says } from '../../testing/model/script.js';
import { begin } from '../support/conversation.js';
import { ProxiedServer } from './proxied-server.js';
import { findProgram } from './proxy.js';
import { PROXY_KINDS } from './proxy-kinds.js';

/** Longer than the proxies of these tests allow a connection to be idle. */
const THINKING_MS = 2_500;

describe.each(PROXY_KINDS)('behind $name', (kind) => {
  const missing = [kind.program, 'openssl'].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) {
    // The title says why, and what to install.
    // oxlint-disable-next-line jest/no-disabled-tests
    it.skip(`works as described in docs/proxies (not run: ${missing} is not installed)`, () => undefined);
    return;
  }
  let server: ProxiedServer;
  beforeAll(async () => void (server = await ProxiedServer.start(kind)));
  afterAll(() => server[Symbol.asyncDispose]());

  it('users sign in, with cookies for TLS only', async () => {
    const { browser, grant } = await server.signIn('ada');
    expect(browser.lastSetCookies.length).toBeGreaterThan(0);
    for (const cookie of browser.lastSetCookies) expect(cookie).toContain('; Secure');
    expect(grant.user.email).toBe('ada@example.com');
    const refreshed = await browser.post('/api/auth/refresh', {}, { origin: server.url });
    expect(refreshed.status).toBe(200);
  });

  it('replies stream over a WebSocket', async () => {
    const { grant } = await server.signIn('bob');
    const tab = server.connect(grant);
    try {
      await tab.connected();
      server.model.next(says(['one ', 'two ', 'three'], { delayMs: 50 }));
      const { stream } = await begin(tab);
      await tab.follow(stream);
      expect(await tab.event(stream, 'run.finished')).toMatchObject({ status: 'completed', length: 13 });
    } finally {
      tab.close();
    }
  });

  it('a script may wait longer for its reply than the idle timeout of the proxy', async () => {
    const { grant } = await server.signIn('cleo');
    server.model.next(says(['At last'], { delayMs: THINKING_MS }));
    const response = await fetch(`${server.url}/api/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${grant.accessToken}`, 'content-type': 'application/json' },
      body: '{"message":"Think"}',
    });
    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toMatchObject({ reply: 'At last' });
  });

  it('the server sees the address of its client, and ignores a forged one', async () => {
    const localAddress = '127.0.0.2';
    expect(await server.get('/address', { localAddress })).toEqual({ ip: localAddress });
    const headers = { 'x-forwarded-for': '203.0.113.6' };
    expect(await server.get('/address', { localAddress, headers })).toEqual({ ip: localAddress });
  });
});
