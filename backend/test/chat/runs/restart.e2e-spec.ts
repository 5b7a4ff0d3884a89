import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Message } from '../../../src/chat/messages/message.entity.js';
import { Run } from '../../../src/chat/runs/run.entity.js';
import { RunsService } from '../../../src/chat/runs/runs.service.js';
import { UsageEntry } from '../../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../../src/database/database.js';
import { DatabaseInUse } from '../../../src/database/sqlite/process-lock.js';
import { EventLog } from '../../../src/streams/log/event-log.js';
import { ModelServer } from '../../../testing/model/model-server.js';
import { says } from '../../../testing/model/script.js';
import { begin, lastText, stateOf, whenEnded } from '../../support/conversation.js';
import { held } from '../../support/queue.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { TestServer } from '../../support/test-server.js';

const words = Array.from({ length: 500 }, (_, n) => `${n} `);

describe('a restarted server', () => {
  let database: TestDatabase;
  let model: ModelServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
  });
  afterAll(async () => {
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it('[L8] ends running replies as interrupted, with all the text that tabs have shown', async () => {
    const first = await TestServer.start({}, { database, model });
    const person = await first.signIn('Ada');
    const tab = await first.connect(person);
    model.next(says(words, { delayMs: 5 }));
    const { stream } = await begin(tab);
    const start = await tab.subscribe(stream);
    await tab.event(stream, 'run.delta', ({ offset }) => offset > 10);
    await first[Symbol.asyncDispose]();

    await using second = await TestServer.start({}, { database, model });
    const again = await second.connect(second.renew(person));
    const replay = await again.subscribe(stream, { epoch: start.epoch, seq: tab.eventsOf(stream).at(-1)?.seq ?? 0 });
    expect(replay.mode).toBe('events');
    const reply = stateOf(await again.subscribe(stream)).messages.at(-1);
    expect(reply?.status).toBe('interrupted');
    // The text of the snapshot, and of the events after it.
    const fresh = tab.eventsOf(stream).filter(({ seq }) => start.mode === 'snapshot' && seq > start.seq);
    const shown = fresh.flatMap(({ type, data }) => (type === 'run.delta' && 'text' in data ? data.text : []));
    const text = lastText(stateOf(start)) + shown.join('');
    expect(text.length).toBeGreaterThan(10);
    expect(reply?.text.startsWith(text)).toBe(true);
  });

  it('[L8] ends the run of a process that was killed', async () => {
    const first = await TestServer.start({}, { database, model });
    const person = await first.signIn('Bea');
    const tab = await first.connect(person);
    model.next(says(words.slice(0, 3)));
    const { stream, runId } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    // The state that a dead process leaves: running, with an unknown owner and an expired lease.
    const left = { status: 'running' as const, ownerId: '00000000-0000-7000-8000-000000000000', leaseUntil: 1 };
    await first.get(Database).write(async (em) => {
      await em.nativeUpdate(Run, { id: runId }, left);
      await em.nativeUpdate(Message, { runId, role: 'assistant' }, { status: 'streaming', text: '' });
      await em.nativeDelete(UsageEntry, { runId });
    });
    await first[Symbol.asyncDispose]();

    await using second = await TestServer.start({}, { database, model });
    const again = await second.connect(second.renew(person));
    // On SQLite before the port opens; on PostgreSQL once it is certain that the lease is no longer renewed.
    expect((await whenEnded(again, stream)).messages.at(-1)).toMatchObject({
      status: 'interrupted',
      text: '0 1 2 ',
    });
  });

  it('[L5] lets a reply finish that started while the server was already stopping', async () => {
    await using server = await TestServer.start({}, { database, model });
    const tab = await server.connect(await server.signIn('Cid'));
    const [first, second] = [held('First'), held('Second')];
    model.next(first.script);
    const { runId } = await begin(tab);
    // The command was accepted, and waits for the database.
    const [log, runs] = [server.get(EventLog), server.get(RunsService)];
    const write = log.write.bind(log);
    const gate = Promise.withResolvers<void>();
    const waiting = Promise.withResolvers<void>();
    jest.spyOn(log, 'write').mockImplementationOnce(async (work) => {
      waiting.resolve();
      await gate.promise;
      return write(work);
    });
    model.next(second.script);
    const sending = begin(tab);
    await waiting.promise;
    const drained = runs.drain(20_000);
    gate.resolve();
    const late = await sending;
    first.release();
    await runs.ended(runId);
    second.release();
    await drained;
    const { messages } = stateOf(await tab.subscribe(late.stream));
    expect(messages.at(-1)).toMatchObject({ status: 'completed', text: 'Second' });
  });

  it('does not start twice on one SQLite file; PostgreSQL serves many', async () => {
    await using first = await TestServer.start({}, { database, model });
    const second = await TestServer.start({}, { database, model }).catch((error: unknown) => error);
    const isShared = first.config.database.kind === 'postgresql';
    expect(isShared ? second instanceof TestServer : second instanceof DatabaseInUse).toBe(true);
    if (second instanceof TestServer) await second[Symbol.asyncDispose]();
    expect((await first.fetch('/health/ready')).status).toBe(200);
  });
});
