import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsageEntry } from '../../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../../src/database/database.js';
import {
  adminUsageReport,
  type AdminUsageReport,
  type FinalStatus,
  type UsageSeries,
  usageSeries,
} from '../../../src/protocol/index.js';
import { refuses, says } from '../../../testing/model/script.js';
import { begin, whenEnded } from '../../support/conversation.js';
import { type TestPerson, TestServer } from '../../support/test-server.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

describe('the use of everybody', () => {
  let server: TestServer;
  let root: TestPerson;
  let ada: TestPerson;
  let bob: TestPerson;

  interface Used {
    readonly at: number;
    readonly model?: string;
    readonly tokens?: number;
    readonly costMicros?: number;
    readonly status?: FinalStatus | null;
    readonly firstTokenMs?: number;
  }
  const use = (userId: string | null, { at, model = 'm', tokens = 0, status = 'completed', ...rest }: Used) =>
    server.get(Database).write((em) => {
      const { costMicros = null, firstTokenMs = null } = rest;
      const measures = { status, failure: status === 'failed' ? ('model_timeout' as const) : null, firstTokenMs };
      const used = { inputTokens: tokens, outputTokens: 0, costMicros, estimated: status === 'stopped' };
      em.create(UsageEntry, { runId: randomUUID(), userId, model, at, ...used, ...measures });
      return Promise.resolve();
    });
  const reportOf = async (query: string): Promise<AdminUsageReport> =>
    adminUsageReport.parse(await (await server.fetch(`/api/admin/usage?${query}`, root)).json());
  const seriesOf = async (query: string): Promise<UsageSeries> =>
    usageSeries.parse(await (await server.fetch(`/api/admin/usage/series?${query}`, root)).json());

  /** A span of days in which only these entries are. */
  const old = midnight - 100 * DAY_MS;
  const span = `from=${dayOf(old - DAY_MS)}&to=${dayOf(old)}`;

  beforeAll(async () => {
    server = await TestServer.start({ PRICE_CURRENCY: 'EUR' });
    root = await server.signIn('Root', 'admin');
    ada = await server.signIn('Ada');
    bob = await server.signIn('Bob');
    await use(ada.userId, { at: old - DAY_MS, tokens: 10, costMicros: 5, model: 'a' });
    await use(ada.userId, { at: old, tokens: 20, model: 'b', status: null });
    await use(ada.userId, { at: old + 1, model: 'b', status: 'failed' });
    await use(bob.userId, { at: old + DAY_MS - 1, tokens: 100, costMicros: 7, model: 'a', status: 'stopped' });
    await use(null, { at: old, tokens: 1, model: 'a', status: 'interrupted' });
    // Outside of the days.
    await use(bob.userId, { at: old + DAY_MS, tokens: 1_000 });
    await use(bob.userId, { at: old - DAY_MS - 1, tokens: 1_000 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const NONE = { runs: 1, failed: 0, stopped: 0, inputTokens: 0, outputTokens: 0 };

  it('is summed by person, the most tokens first, with deleted accounts together', async () => {
    const total = {
      runs: 5,
      failed: 2,
      stopped: 1,
      inputTokens: 131,
      outputTokens: 0,
      costMicros: 12,
      estimated: true,
    };
    expect(await reportOf(`${span}&by=person`)).toEqual({
      items: [
        {
          ...NONE,
          key: bob.userId,
          name: 'Bob',
          email: 'bob@example.com',
          stopped: 1,
          inputTokens: 100,
          costMicros: 7,
          estimated: true,
        },
        {
          ...NONE,
          key: ada.userId,
          name: 'Ada',
          email: 'ada@example.com',
          runs: 3,
          failed: 1,
          inputTokens: 30,
          costMicros: 5,
        },
        { ...NONE, key: null, failed: 1, inputTokens: 1 },
      ],
      left: 0,
      total,
      currency: 'EUR',
    });
  });

  it('is summed by model and by day, in the time zone of the request', async () => {
    expect(
      (await reportOf(`${span}&by=model`)).items.map(({ key, runs, inputTokens }) => [key, runs, inputTokens]),
    ).toEqual([
      ['a', 3, 111],
      ['b', 2, 20],
    ]);
    const days = async (query: string) => (await reportOf(query)).items.map(({ key, runs }) => [key, runs]);
    expect(await days(`${span}&by=day`)).toEqual([
      [dayOf(old), 4],
      [dayOf(old - DAY_MS), 1],
    ]);
    // One hour ahead of UTC, the last moment of the day belongs to the next, and so does that before the first.
    expect(await days(`${span}&by=day&utcOffsetMinutes=60`)).toEqual([
      [dayOf(old), 3],
      [dayOf(old - DAY_MS), 2],
    ]);
  });

  it.each([
    'from=2026-01-01',
    'from=2026-01-02&to=2026-01-01',
    'from=2024-01-01&to=2026-01-01',
    'by=role',
    'from=x&to=y',
  ])('is refused for %s', async (query) => {
    expect((await server.fetch(`/api/admin/usage?${query}`, root)).status).toBe(400);
    expect((await server.fetch(`/api/admin/usage.csv?${query}`, root)).status).toBe(400);
  });

  it('is only for admins', async () => {
    for (const path of ['usage', 'usage.csv', 'usage/series']) {
      expect((await server.fetch(`/api/admin/${path}`, ada)).status).toBe(403);
      expect((await server.fetch(`/api/admin/${path}`)).status).toBe(401);
    }
  });

  it('is exported as CSV, whose cells no program for spreadsheets carries out', async () => {
    const response = await server.fetch(`/api/admin/usage.csv?${span}&by=person`, root);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=usage-by-person.csv');
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(bytes.slice(0, 3)).toEqual(Uint8Array.of(0xef, 0xbb, 0xbf));
    expect(new TextDecoder().decode(bytes).split('\r\n')).toEqual([
      'person,email,runs,failed,stopped,input_tokens,output_tokens,cost,currency,estimated',
      'Bob,bob@example.com,1,0,1,100,0,0.000007,EUR,yes',
      'Ada,ada@example.com,3,1,0,30,0,0.000005,EUR,no',
      ',,1,1,0,1,0,,,no',
      '',
    ]);
    const day = midnight - 200 * DAY_MS;
    const models = ['=1+1', '+1', '-1', '@sum', '\tx', '\rx', 'a,"b"', 'é'];
    for (const [n, model] of models.entries()) await use(ada.userId, { at: day, model, tokens: 100 - n });
    const csv = await server.fetch(`/api/admin/usage.csv?from=${dayOf(day)}&to=${dayOf(day)}&by=model`, root);
    const cells = (await csv.text())
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',1,0,0,')[0]);
    expect(cells).toEqual([`'=1+1`, `'+1`, `'-1`, `'@sum`, `'\tx`, `"'\rx"`, '"a,""b"""', 'é']);
  });

  it('lists at most 200 people, and says how many more there are', async () => {
    const day = midnight - 150 * DAY_MS;
    await server.get(Database).write((em) => {
      for (let n = 0; n < 203; n += 1) {
        const used = { inputTokens: n, outputTokens: 0, costMicros: null, estimated: false };
        const measures = { status: 'completed' as const, failure: null, firstTokenMs: null };
        em.create(UsageEntry, {
          runId: randomUUID(),
          userId: ada.userId,
          model: `m${n}`,
          at: day,
          ...used,
          ...measures,
        });
      }
      return Promise.resolve();
    });
    const query = `from=${dayOf(day)}&to=${dayOf(day)}&by=model`;
    const { items, left, total } = await reportOf(query);
    expect([items.length, left, total.runs]).toEqual([200, 3, 203]);
    const csv = await (await server.fetch(`/api/admin/usage.csv?${query}`, root)).text();
    expect(csv.trim().split('\r\n')).toHaveLength(204);
  });

  it('is a series over hours or days, with the times until the first text by model', async () => {
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    for (let n = 1; n <= 20; n += 1)
      await use(ada.userId, { at: hour, model: 'timed', tokens: 1, firstTokenMs: n * 10 });
    await use(bob.userId, { at: hour - 3 * HOUR_MS, model: 'timed', firstTokenMs: 900, tokens: 1 });
    await use(bob.userId, { at: hour, model: 'broken', status: 'failed' });
    await use(null, { at: hour, model: 'broken', status: 'stopped' });
    const day = await seriesOf('span=day');
    expect(day).toMatchObject({ periodMs: HOUR_MS, periods: 24, from: hour - 23 * HOUR_MS, currency: 'EUR' });
    const sums = { runs: 20, failed: 0, stopped: 0, inputTokens: 20, outputTokens: 0 };
    expect(day.points.filter(({ model }) => model === 'timed')).toEqual([
      {
        ...sums,
        at: hour - 3 * HOUR_MS,
        model: 'timed',
        runs: 1,
        inputTokens: 1,
        firstTokenMs: { median: 900, p95: 900 },
      },
      { ...sums, at: hour, model: 'timed', firstTokenMs: { median: 100, p95: 190 } },
    ]);
    expect(day.points.filter(({ model }) => model === 'broken')).toEqual([
      { at: hour, model: 'broken', runs: 2, failed: 1, stopped: 1, inputTokens: 0, outputTokens: 0, estimated: true },
    ]);
    expect(day.people).toEqual([
      { at: hour - 3 * HOUR_MS, people: 1 },
      { at: hour, people: 2 },
    ]);
    expect(day.models.find(({ model }) => model === 'timed')).toMatchObject({
      runs: 21,
      firstTokenMs: { median: 110, p95: 200 },
    });
    const week = await seriesOf('span=week&utcOffsetMinutes=-90');
    // Days begin at midnight of the client.
    expect((week.from - 90 * 60_000) % DAY_MS).toBe(0);
    expect([week.periods, week.periodMs]).toEqual([7, DAY_MS]);
    expect((await seriesOf('span=month')).periods).toBe(30);
  });

  it('counts replies that failed before their first text, and measures those that had one', async () => {
    const tab = await server.connect(await server.signIn('Eve'));
    server.model.next(refuses(401));
    await whenEnded(tab, (await begin(tab)).stream);
    server.model.next(says(['Yes'], { delayMs: 30 }));
    await whenEnded(tab, (await begin(tab)).stream);
    const entries = await server.get(Database).read((em) => em.find(UsageEntry, { model: 'test-model' }));
    expect(entries.map(({ status, failure }) => `${status} ${failure}`).sort()).toEqual([
      'completed null',
      'failed model_auth',
    ]);
    const timed = entries.find(({ status }) => status === 'completed');
    expect(timed?.firstTokenMs).toBeGreaterThan(0);
    expect((await seriesOf('span=day')).models.find(({ model }) => model === 'test-model')).toMatchObject({
      runs: 2,
      failed: 1,
      firstTokenMs: { median: timed?.firstTokenMs },
    });
  });
});
