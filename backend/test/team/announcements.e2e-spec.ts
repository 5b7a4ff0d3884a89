import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Clock } from '../../src/database/clock.js';
import {
  type AdminAnnouncement,
  type AuditEntry,
  foldTeam,
  foldUser,
  MAX_ANNOUNCEMENTS,
  type Page,
  type Role,
  ROLES,
  type SubscribeResult,
  type TeamEvent,
  type TeamState,
  teamStream,
  type UserEvent,
  type UserState,
  userStream,
} from '../../src/protocol/index.js';
import { UsersService } from '../../src/users/users.service.js';
import { passTime } from '../support/pass-time.js';
import { type TestClient, until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const UNKNOWN = '00000000-0000-7000-8000-000000000000';
const HOUR_MS = 3_600_000;

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start();
  ada = await server.signIn('Ada', 'admin');
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(async () => {
  jest.restoreAllMocks();
  for (const { id, withdrawnAt } of await announcements()) if (withdrawnAt === null) await withdraw(id);
});

const post = (body: unknown, person = ada): Promise<Response> =>
  server.fetch('/api/admin/announcements', person, { method: 'POST', body: JSON.stringify(body) });
const announce = async (body: object = {}): Promise<AdminAnnouncement> => {
  const response = await post({ text: 'Tonight at ten', tone: 'info', ...body });
  expect(response.status).toBe(201);
  return (await response.json()) as AdminAnnouncement;
};
const withdraw = (id: string, person = ada): Promise<Response> =>
  server.fetch(`/api/admin/announcements/${id}`, person, { method: 'DELETE' });
const announcements = async (): Promise<readonly AdminAnnouncement[]> => {
  const response = await server.fetch('/api/admin/announcements?limit=100', ada);
  return ((await response.json()) as Page<AdminAnnouncement>).items;
};
const audit = async (limit: number): Promise<readonly AuditEntry[]> => {
  const response = await server.fetch(`/api/admin/audit?limit=${limit}`, ada);
  return ((await response.json()) as Page<AuditEntry>).items;
};
const snapshotOf = (result: SubscribeResult): unknown => {
  if (result.mode !== 'snapshot') throw new Error('expected a snapshot');
  return result.state;
};
const teamOf = (result: SubscribeResult): TeamState => snapshotOf(result) as TeamState;
const userOf = (result: SubscribeResult): UserState => snapshotOf(result) as UserState;
const standing = async (tab: TestClient, role: Role): Promise<readonly string[]> =>
  teamOf(await tab.subscribe(teamStream(role))).announcements.map(({ text }) => text);

describe('an announcement', () => {
  it('[A5] reaches the open tabs of its roles and the admins, and no others', async () => {
    const tabs = await Promise.all(
      ROLES.map(async (role) => {
        const tab = await server.connect(await server.signIn(`to-${role}`, role));
        await tab.subscribe(teamStream(role));
        return [role, tab] as const;
      }),
    );
    const admin = await server.connect(ada);
    await admin.subscribe('admin');
    const added = await announce({ roles: ['user', 'pending'], tone: 'warning' });
    expect(added).toEqual({
      id: expect.any(String),
      text: 'Tonight at ten',
      tone: 'warning',
      endsAt: null,
      createdAt: expect.any(Number),
      roles: ['pending', 'user'],
      authorEmail: 'ada@example.com',
      withdrawnAt: null,
    });
    const { id, text, tone, endsAt, createdAt } = added;
    for (const [role, tab] of tabs) {
      if (role === 'admin') continue;
      expect(await tab.event(teamStream(role), 'announcement.added')).toEqual({ id, text, tone, endsAt, createdAt });
    }
    expect(await admin.event('admin', 'announcement.added')).toEqual(added);
    await withdraw(id);
    for (const [role, tab] of tabs) {
      if (role !== 'admin') expect(await tab.event(teamStream(role), 'announcement.withdrawn')).toEqual({ id });
      else expect(tab.eventsOf(teamStream(role))).toEqual([]);
    }
    expect(await audit(2)).toMatchObject([
      {
        action: 'announcement.withdrawn',
        actorEmail: 'ada@example.com',
        targetId: null,
        detail: { announcementId: id, text, roles: ['pending', 'user'] },
      },
      {
        action: 'announcement.added',
        actorEmail: 'ada@example.com',
        detail: { announcementId: id, text, tone: 'warning', endsAt: null, roles: ['pending', 'user'] },
      },
    ]);
  });

  it('is found by those who come later, until it is withdrawn; a second withdrawal changes nothing', async () => {
    const { id } = await announce();
    const late = await server.connect(await server.signIn('Late', 'pending'));
    expect(await standing(late, 'pending')).toEqual(['Tonight at ten']);
    expect((await withdraw(id)).status).toBe(204);
    const [{ at, id: entry } = { at: 0, id: '' }] = await audit(1);
    expect((await withdraw(id)).status).toBe(204);
    expect(await audit(1)).toMatchObject([{ at, id: entry }]);
    expect(await standing(late, 'pending')).toEqual([]);
    expect((await announcements())[0]).toMatchObject({ id, withdrawnAt: expect.any(Number) });
  });

  it('ends at its time, by the clock of the server', async () => {
    const clock = server.get(Clock);
    const bea = await server.signIn('Bea');
    const tab = await server.connect(bea);
    await announce({ endsAt: clock.now() + HOUR_MS });
    await announce({ text: 'Without an end' });
    const before = teamOf(await tab.subscribe(teamStream('user')));
    expect(before.announcements.map(({ text }) => text)).toEqual(['Tonight at ten', 'Without an end']);
    expect(Math.abs(before.at - clock.now())).toBeLessThan(5_000);
    passTime(clock, HOUR_MS);
    const late = await server.connect(server.renew(bea));
    const after = teamOf(await late.subscribe(teamStream('user')));
    expect(after.announcements.map(({ text }) => text)).toEqual(['Without an end']);
    expect(after.at).toBeGreaterThanOrEqual(before.at + HOUR_MS);
  });

  it('[A2] follows a change of role: the former stream ends, and the new one may be read', async () => {
    const cy = await server.signIn('Cy');
    const tab = await server.connect(cy);
    await announce({ text: 'For admins', roles: ['admin'] });
    expect(await standing(tab, 'user')).toEqual([]);
    expect(await tab.refused('stream:subscribe', { stream: teamStream('admin') })).toMatchObject({ code: 'not_found' });
    await server.get(UsersService).change(null, cy.userId, { role: 'admin' });
    await until(async () => {
      const reply = await tab.raw('stream:subscribe', { stream: teamStream('user') });
      return !reply.ok && reply.error.code === 'not_found';
    }, 'the former stream is refused');
    expect(await standing(tab, 'admin')).toEqual(['For admins']);
    const known = tab.eventsOf(teamStream('user')).length;
    const { id } = await announce({ text: 'For users', roles: ['user', 'admin'] });
    await tab.event(teamStream('admin'), 'announcement.added', (data) => data.id === id);
    expect(tab.eventsOf(teamStream('user'))).toHaveLength(known);
  });

  it('is shown once when the request is repeated', async () => {
    const body = { text: 'Once', roles: ['user', 'admin'], endsAt: server.get(Clock).now() + HOUR_MS };
    const [{ id }, again, other] = [await announce(body), await announce(body), await announce({ text: 'Once' })];
    expect(again.id).toBe(id);
    expect(other.id).not.toBe(id);
    const tab = await server.connect(await server.signIn('Dee'));
    expect(await standing(tab, 'user')).toEqual(['Once', 'Once']);
  });

  it('refuses bad input with the key, and stores nothing', async () => {
    const before = (await announcements()).length;
    const valid = { text: 'x', tone: 'info' };
    for (const [key, body] of [
      ['text', { ...valid, text: ' \n ' }],
      ['text', { ...valid, text: 'x'.repeat(501) }],
      ['text', { ...valid, text: 'a\u202eb' }],
      ['text', { ...valid, text: '\u2800' }],
      ['tone', { ...valid, tone: 'shouting' }],
      ['endsAt', { ...valid, endsAt: 1 }],
      ['endsAt', { ...valid, endsAt: 'tomorrow' }],
      ['roles', { ...valid, roles: [] }],
      ['roles', { ...valid, roles: ['user', 'user'] }],
      ['roles', { ...valid, roles: ['owner'] }],
      ['html', { ...valid, html: true }],
    ] as const) {
      const response = await post(body);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { detail: string }).detail).toContain(key);
    }
    expect(await announcements()).toHaveLength(before);
    expect((await withdraw(UNKNOWN)).status).toBe(404);
  });

  it('is for admins to write, read and withdraw', async () => {
    const { id } = await announce();
    for (const role of ['pending', 'user'] as const) {
      const person = await server.signIn(`not-${role}`, role);
      expect((await post({ text: 'x', tone: 'info' }, person)).status).toBe(403);
      expect((await server.fetch('/api/admin/announcements', person)).status).toBe(403);
      expect((await withdraw(id, person)).status).toBe(403);
    }
  });

  it('stands beside others, up to a limit', async () => {
    for (let n = 0; n < MAX_ANNOUNCEMENTS; n += 1) await announce({ text: `Number ${n}` });
    const tab = await server.connect(await server.signIn('Dot'));
    expect(await standing(tab, 'user')).toEqual(Array.from({ length: MAX_ANNOUNCEMENTS }, (_, n) => `Number ${n}`));
    const response = await post({ text: 'One more', tone: 'info' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('withdraw one first') });
  });
});

describe('announcement:dismiss', () => {
  it('hides an announcement in all tabs of the person, also later ones, and not for other people', async () => {
    const [eve, fay] = [await server.signIn('Eve', 'pending'), await server.signIn('Fay')];
    const [one, two] = [await server.connect(eve), await server.connect(eve)];
    for (const tab of [one, two]) await tab.subscribe(userStream(eve.userId));
    const { id } = await announce();
    await one.command('announcement:dismiss', { announcementId: id });
    for (const tab of [one, two]) {
      expect(await tab.event(userStream(eve.userId), 'announcement.dismissed')).toEqual({ id });
    }
    await two.command('announcement:dismiss', { announcementId: id });
    const later = await server.connect(eve);
    const state = userOf(await later.subscribe(userStream(eve.userId)));
    expect(state.dismissed).toEqual([id]);
    expect(one.eventsOf(userStream(eve.userId)).filter(({ type }) => type === 'announcement.dismissed')).toHaveLength(
      1,
    );
    const other = await server.connect(fay);
    expect(userOf(await other.subscribe(userStream(fay.userId))).dismissed).toEqual([]);
    // A user who closes what an admin has withdrawn a moment ago gets no error.
    await withdraw(id);
    await other.command('announcement:dismiss', { announcementId: id });
  });

  it('[A3] answers for an announcement to other roles as for an unknown one', async () => {
    const { id } = await announce({ roles: ['admin'] });
    const tab = await server.connect(await server.signIn('Gus'));
    const [foreign, unknown] = [
      await tab.refused('announcement:dismiss', { announcementId: id }),
      await tab.refused('announcement:dismiss', { announcementId: UNKNOWN }),
    ];
    expect(foreign).toEqual(unknown);
    expect(foreign.code).toBe('not_found');
  });
});

it('[L4] a snapshot of a role or a person, with the events after it, equals every later snapshot', async () => {
  const hal = await server.signIn('Hal');
  const tab = await server.connect(hal);
  const stands = (state: TeamState) => state.announcements.filter(({ endsAt }) => endsAt === null || endsAt > state.at);
  const streams = [teamStream('user'), userStream(hal.userId)] as const;
  let count = 0;
  const step = fc.constantFrom('to users', 'to admins', 'withdraw', 'dismiss');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      for (const { id, withdrawnAt } of await announcements()) if (withdrawnAt === null) await withdraw(id);
      const begun = await Promise.all(streams.map((stream) => tab.subscribe(stream)));
      for (const one of steps) {
        const [last] = await announcements();
        if (one === 'withdraw' && last) await withdraw(last.id);
        else if (one === 'dismiss' && last) await tab.raw('announcement:dismiss', { announcementId: last.id });
        else
          await announce({
            text: `Number ${(count += 1)}`,
            roles: one === 'to admins' ? ['admin'] : ['user', 'admin'],
          });
      }
      for (const [index, stream] of streams.entries()) {
        const [start, end] = [begun[index], await tab.subscribe(stream)];
        if (start?.mode !== 'snapshot' || end.mode !== 'snapshot') throw new Error('expected snapshots');
        const replay = await tab.subscribe(stream, { epoch: start.epoch, seq: start.seq });
        if (replay.mode !== 'events') throw new Error('expected events');
        if (stream === teamStream('user')) {
          const state = (replay.events as readonly TeamEvent[]).reduce(foldTeam, start.state as TeamState);
          expect(stands(state)).toEqual((end.state as TeamState).announcements);
        } else {
          expect((replay.events as readonly UserEvent[]).reduce(foldUser, start.state as UserState)).toEqual(end.state);
        }
      }
    }),
    { numRuns: 15 },
  );
});
