import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { activeRunList } from '../../../src/protocol/http/index.js';
import { ADMIN_STREAM, type RunsChange } from '../../../src/protocol/index.js';
import type { Connected } from '../../../src/users/presence/presence.js';
import { RunActivity } from '../../../src/chat/activity/run-activity.service.js';
import { begin, stateOf, whenEnded } from '../../support/conversation.js';
import { held } from '../../support/queue.js';
import { type TestClient, until } from '../../support/test-client.js';
import { type TestPerson, TestServer } from '../../support/test-server.js';

describe('what runs now', () => {
  let server: TestServer;
  let ada: TestPerson;
  let root: TestPerson;
  let tab: TestClient;
  let admin: TestClient;
  beforeAll(async () => {
    server = await TestServer.start({ MAX_RUNS_PER_USER: '50' });
    ada = await server.signIn('Ada');
    root = await server.signIn('Root', 'admin');
    tab = await server.connect(ada);
    admin = await server.connect(root);
    await admin.subscribe(ADMIN_STREAM);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const changes = () => admin.eventsOf(ADMIN_STREAM).filter(({ type }) => type === 'runs.changed');
  const change = (fits: (data: RunsChange) => boolean) => admin.event(ADMIN_STREAM, 'runs.changed', fits);
  const list = async (as = root) => activeRunList.parse(await (await server.fetch('/api/admin/runs', as)).json());

  it('is listed for admins, who see its start and its end as they happen', async () => {
    const answer = held('So far');
    server.model.next(answer.script);
    const { runId, conversationId, stream } = await begin(tab);
    const { started, active } = await change((data) => data.started.some(({ id }) => id === runId));
    expect(active).toBe(1);
    expect(started).toEqual([
      {
        id: runId,
        userId: ada.userId,
        userName: 'Ada',
        userEmail: 'ada@example.com',
        model: 'test-model',
        startedAt: expect.any(Number),
        conversationId,
      },
    ]);
    expect(await list()).toEqual({ items: started, active: 1, nextCursor: null });
    answer.release();
    await whenEnded(tab, stream);
    expect(await change((data) => data.ended.includes(runId))).toEqual({ started: [], ended: [runId], active: 0 });
    expect(await list()).toEqual({ items: [], active: 0, nextCursor: null });
  });

  it('is told at most once a second, however many runs start and end', async () => {
    await until(async () => (await list()).active === 0, 'nothing runs');
    const before = changes().length;
    const startedAt = performance.now();
    const runs = await Promise.all(Array.from({ length: 20 }, () => begin(tab)));
    for (const { stream } of runs) await whenEnded(tab, stream);
    const ids = runs.map(({ runId }) => runId);
    await until(() => {
      const ended = new Set(changes().flatMap(({ data }) => (data as RunsChange).ended));
      return ids.every((id) => ended.has(id));
    }, 'all ends have been told');
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(changes().length - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    const times = changes().map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(900);
  });

  it('tells what is true when it is written, and not what was noted', async () => {
    const ended = randomUUID();
    server.get(RunActivity).note(ended);
    expect((await change((data) => data.ended.includes(ended))).started).toEqual([]);
  });

  it('is stopped by an admin, who is recorded, and its owner is told why', async () => {
    server.model.next(held('So far').script);
    const { runId, stream, conversationId } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.delta', (data) => data.runId === runId);
    expect(await admin.command('admin:stop-run', { runId })).toEqual({ status: 'stopped' });
    const finished = await tab.event(stream, 'run.finished');
    const error = { code: 'stopped_by_admin', requestId: expect.any(String) };
    expect(finished).toMatchObject({ status: 'stopped', error });
    // A fresh snapshot agrees with the event (`L4`).
    const { messages } = stateOf(await tab.subscribe(stream));
    expect(messages.at(-1)).toMatchObject({ status: 'stopped', text: 'So far', error });
    const entry = await admin.event(ADMIN_STREAM, 'audit.added', ({ action }) => action === 'run.stopped');
    expect(entry).toMatchObject({ actorId: root.userId, targetId: ada.userId });
    expect(entry.detail).toEqual({ runId, model: 'test-model', conversationId });
    await change((data) => data.ended.includes(runId));

    // A second click changes nothing, and is not recorded.
    expect(await admin.command('admin:stop-run', { runId })).toEqual({ status: 'stopped' });
    const recorded = admin
      .eventsOf(ADMIN_STREAM)
      .filter(({ data }) => 'action' in data && data.action === 'run.stopped');
    expect(recorded).toHaveLength(1);
  });

  it('a reply that was stopped by an admin can be continued, and then has no reason any more', async () => {
    server.model.next(held('So').script);
    const { runId, stream, messageId } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.delta', (data) => data.runId === runId);
    await admin.command('admin:stop-run', { runId });
    const { messages } = await whenEnded(tab, stream);
    const reply = messages.at(-1);
    expect(reply?.parentId).toBe(messageId);
    await tab.command('message:continue', { clientMessageId: randomUUID(), messageId: reply?.id ?? '' });
    const after = await until(async () => {
      const state = await whenEnded(tab, stream);
      return state.messages.at(-1)?.status === 'completed' && state;
    }, 'the reply is complete');
    expect(after.messages.at(-1)?.error).toBeUndefined();
  });

  it('is not for others', async () => {
    expect((await server.fetch('/api/admin/runs', ada)).status).toBe(403);
    expect(await tab.refused('admin:stop-run', { runId: randomUUID() })).toMatchObject({ code: 'forbidden' });
    expect(await admin.refused('admin:stop-run', { runId: randomUUID() })).toMatchObject({ code: 'not_found' });
  });

  it('tells admins how many tabs are open, without any of them asking', async () => {
    const last = () => {
      const newest = admin.eventsOf(ADMIN_STREAM).findLast(({ type }) => type === 'connections.changed');
      return newest?.data as Connected | undefined;
    };
    await until(() => last()?.sockets === 2, 'the tabs so far are counted');
    const more = [await server.connect(ada), await server.connect(ada)];
    await until(() => last()?.sockets === 4, 'the new tabs are counted');
    expect(last()?.users).toBe(2);
    for (const one of more) one.close();
    await until(() => last()?.sockets === 2, 'the closed tabs are not counted');
  });
});
