import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findProgram } from '../../testing/find-program.js';
import { HeldAnswers, says } from '../../testing/model/script.js';
import { begin } from '../support/conversation.js';
import { ProxiedServer } from './proxied-server.js';
import { PROXY_KINDS } from './proxy-kinds.js';

/** Ten times as long as the proxies of these tests allow a connection to be idle, as ten minutes are for the examples. */
const THINKING_MS = 10_000;
const QUESTION = { model: 'gpt-4.1', messages: [{ role: 'user', content: 'Think' }] };

describe.each(PROXY_KINDS)('behind $name', (kind) => {
  const missing = [kind.program, 'openssl'].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) {
    // The title says why, and what to install.
    // oxlint-disable-next-line jest/no-disabled-tests
    it.skip(`works as described in ops/proxies (not run: ${missing} is not installed)`, () => undefined);
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

  it('replies may take ten times as long as the idle timeout of the proxy', async () => {
    const { grant } = await server.signIn('cleo');
    const token = await server.createToken(grant);
    server.model.otherwise = says(['At last'], { delayMs: THINKING_MS });
    const [whole, streamed] = await Promise.all([
      server.post('/api/chat', grant.accessToken, { message: 'Think' }),
      server.post('/v1/chat/completions', token, { ...QUESTION, stream: true }),
    ]);
    expect([whole.status, streamed.status]).toEqual([200, 200]);
    const [reply, stream] = await Promise.all([whole.json(), streamed.text()]);
    expect(reply).toMatchObject({ reply: 'At last' });
    expect(stream).toContain('At last');
    expect(stream).toMatch(/data: \[DONE\]\s*$/);
  });

  it('each piece of a reply passes at once', async () => {
    const { grant } = await server.signIn('dora');
    const answers = new HeldAnswers();
    server.model.next(answers.script);
    const asked = server.post('/v1/chat/completions', await server.createToken(grant), { ...QUESTION, stream: true });
    const answer = await answers.next();
    const { body } = await asked;
    const text = (body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream());
    const pieces = text[Symbol.asyncIterator]();
    for (const piece of ['one', 'two', 'three']) {
      // The next piece is written when this one has arrived.
      await answer.text(piece);
      for (let read = ''; !read.includes(piece); read += (await pieces.next()).value ?? '');
    }
    await answer.finish('stop');
    await answer.done();
    let rest = '';
    for (let part = await pieces.next(); !part.done; part = await pieces.next()) rest += part.value;
    expect(rest).toContain('[DONE]');
  });

  it('everything is encrypted, and plain requests are sent there', async () => {
    const plain = await fetch(`${server.plainUrl}/chat?a=b`, { redirect: 'manual' });
    expect([301, 302, 307, 308]).toContain(plain.status);
    expect(plain.headers.get('location')).toMatch(/^https:\/\/127\.0\.0\.1(?::\d+)?\/chat\?a=b$/);
    expect(await server.protocol()).toMatch(/^TLSv1\.[23]$/);
  });

  it('the server sees the address of its client, and ignores a forged one', async () => {
    const localAddress = '127.0.0.2';
    expect(await server.get('/address', { localAddress })).toEqual({ ip: localAddress });
    const headers = { 'x-forwarded-for': '203.0.113.6' };
    expect(await server.get('/address', { localAddress, headers })).toEqual({ ip: localAddress });
  });
});
