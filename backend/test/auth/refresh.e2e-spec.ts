import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ChatError, type TokenGrant } from '../../src/protocol/index.js';
import { ExpiredRowsSweep } from '../../src/auth/expired-rows.sweep.js';
import { Sessions } from '../../src/auth/sessions/sessions.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { UsersService } from '../../src/users/users.service.js';
import { AuthServer } from './auth-server.js';
import type { Browser } from './browser.js';
import { Clock } from '../../src/database/clock.js';
import { passTime } from '../support/pass-time.js';

const COOKIE = 'lockstep-refresh';
const DAY_MS = 86_400_000;

describe('refreshing', () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await AuthServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const refresh = (browser: Browser, headers = {}): Promise<Response> => browser.post('/api/auth/refresh', {}, headers);
  const statusOf = async (browser: Browser): Promise<number> => (await refresh(browser)).status;
  const passes = (ms: number): void => passTime(server.get(Clock), ms);
  const endedSessions = (userId: string): unknown[] =>
    server.events.filter(({ stream, type }) => stream === `user:${userId}` && type === 'session.ended');

  it('returns a new access token and a new cookie each time', async () => {
    const { browser, grant } = await server.signIn('ann');
    const seen = new Set([browser.cookies.get(COOKIE)]);
    for (let times = 1; times <= 3; times++) {
      const response = await refresh(browser);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const next = (await response.json()) as TokenGrant;
      expect(next).toMatchObject({ expiresIn: 600, user: grant.user });
      expect((await server.fetch('/api/profile/me', next.accessToken)).status).toBe(200);
      seen.add(browser.cookies.get(COOKIE));
      expect(seen.size).toBe(times + 1);
    }
  });

  it('does not extend the session', async () => {
    const { browser } = await server.signIn('ann');
    passes(10 * DAY_MS);
    await refresh(browser);
    const [header = ''] = browser.lastSetCookies;
    expect(Number(/Max-Age=(\d+)/.exec(header)?.[1])).toBeLessThanOrEqual(20 * 86_400);
  });

  it('serves parallel tabs within the grace period, with one rotation', async () => {
    const { browser } = await server.signIn('ann');
    const tabs = Array.from({ length: 5 }, () => browser.copy());
    const answers = await Promise.all(tabs.map((tab) => refresh(tab)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const rotated = tabs.filter((tab) => tab.lastSetCookies.length > 0);
    expect(rotated).toHaveLength(1);
    expect(await statusOf(rotated[0] ?? browser)).toBe(200);
  });

  it('ends the session when the previous token is used after the grace period', async () => {
    const { browser, grant } = await server.signIn('reuse');
    const thief = browser.copy();
    await refresh(browser);
    passes(10_001);
    expect(await statusOf(thief)).toBe(401);
    expect(endedSessions(grant.user.id)).toHaveLength(1);
    expect(server.events).toContainEqual({
      stream: 'admin',
      type: 'audit.added',
      data: expect.objectContaining({ targetId: grant.user.id, detail: { reason: 'token_reused' } }),
    });
    expect(await statusOf(browser)).toBe(401);
    expect((await server.fetch('/api/profile/me', grant.accessToken)).status).toBe(401);
  });

  it('accepts the previous token when the commit of the next one was not acknowledged', async () => {
    const { browser, grant } = await server.signIn('unknown');
    const log = server.get(EventLog);
    const write = log.write.bind(log);
    jest.spyOn(log, 'write').mockImplementationOnce(async (work) => {
      await write(work);
      throw new ChatError('storage', 'The answer to the commit was lost.');
    });
    expect(await statusOf(browser)).toBe(503);
    passes(60_000);
    const thief = browser.copy();
    expect(await statusOf(browser)).toBe(200);
    expect(endedSessions(grant.user.id)).toEqual([]);
    passes(10_001);
    expect(await statusOf(thief)).toBe(401);
    expect(endedSessions(grant.user.id)).toHaveLength(1);
  });

  it('ends the session when a much older token is used', async () => {
    const { browser, grant } = await server.signIn('old');
    const thief = browser.copy();
    for (let times = 0; times < 3; times++) await refresh(browser);
    expect(await statusOf(thief)).toBe(401);
    expect(endedSessions(grant.user.id)).toEqual([]);
    passes(10_001);
    expect(await statusOf(thief)).toBe(401);
    expect(endedSessions(grant.user.id)).toHaveLength(1);
    expect(await statusOf(browser)).toBe(401);
  });

  it('does not end the session for a token that was forged from its id', async () => {
    const { browser, grant } = await server.signIn('forged');
    const forger = server.browser();
    const [sessionId = ''] = (browser.cookies.get(COOKIE) ?? '').split('.');
    forger.cookies.set(COOKIE, `${sessionId}.${'a'.repeat(43)}.${'b'.repeat(43)}`);
    passes(60_000);
    expect(await statusOf(forger)).toBe(401);
    expect(endedSessions(grant.user.id)).toEqual([]);
    expect(await statusOf(browser)).toBe(200);
  });

  it('fails without a cookie', async () => {
    const response = await refresh(server.browser());
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it('fails after thirty days, in spite of regular use', async () => {
    const { browser } = await server.signIn('ann');
    passes(29 * DAY_MS);
    expect(await statusOf(browser)).toBe(200);
    jest.restoreAllMocks();
    passes(30 * DAY_MS + 1);
    expect(await statusOf(browser)).toBe(401);
  });

  it('fails for a disabled account, also after it is enabled again', async () => {
    const { browser, grant } = await server.signIn('out');
    await server.get(UsersService).change(null, grant.user.id, { disabled: true });
    expect(await statusOf(browser)).toBe(401);
    await server.get(UsersService).change(null, grant.user.id, { disabled: false });
    expect(await statusOf(browser)).toBe(401);
  });

  it('says whether the session was ended or has expired, also long afterwards', async () => {
    const codeOf = async (browser: Browser): Promise<unknown> =>
      ((await (await refresh(browser)).json()) as { code: unknown }).code;
    const ended = await server.signIn('ended');
    const sweep = (): Promise<void> => server.get(ExpiredRowsSweep).run(server.get(Clock).now());
    const here = { authorization: `Bearer ${ended.grant.accessToken}` };
    const { items } = (await (await ended.browser.get('/api/auth/sessions', here)).json()) as {
      items: { id: string }[];
    };
    await server.get(Sessions).end(ended.grant.user.id, items[0]?.id ?? '');
    expect(await codeOf(ended.browser)).toBe('session_ended');

    const disabled = await server.signIn('disabled');
    await server.get(UsersService).change(null, disabled.grant.user.id, { disabled: true });
    expect(await codeOf(disabled.browser)).toBe('session_ended');

    const reused = await server.signIn('reused');
    const thief = reused.browser.copy();
    await refresh(reused.browser);
    passes(10_001);
    expect(await codeOf(thief)).toBe('session_ended');
    expect(await codeOf(reused.browser)).toBe('session_ended');

    const old = await server.signIn('old');
    passes(20 * DAY_MS);
    await sweep();
    expect(await codeOf(ended.browser)).toBe('session_ended');
    passes(30 * DAY_MS + 1);
    expect(await codeOf(old.browser)).toBe('unauthenticated');
    await sweep();
    expect(await codeOf(old.browser)).toBe('unauthenticated');
  });

  it('fails for the page of another site or port', async () => {
    const { browser } = await server.signIn('ann');
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect((await refresh(browser, { origin })).status).toBe(403);
    }
    expect((await refresh(browser, { origin: server.url })).status).toBe(200);
  });
});
