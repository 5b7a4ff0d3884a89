import { describe, expect, it } from '@jest/globals';
import { Run } from '../../src/chat/runs/run.entity.js';
import { UsageEntry } from '../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../src/database/database.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { begin, newMessage, whenEnded } from '../support/conversation.js';
import { held } from '../support/queue.js';
import { until } from '../support/test-client.js';
import { createTestDatabase } from '../support/test-database.js';
import { TestServer } from '../support/test-server.js';
import { budgetOf, setBudget, tokens } from './budgets.js';

describe('a budget', () => {
  it('[L8] has no reservation left of a run whose process has died', async () => {
    await using server = await TestServer.start();
    const ada = await server.signIn('Ada', 'admin');
    const bob = await server.signIn('Bob');
    await setBudget(server, ada, bob, tokens(1_000));
    const tab = await server.connect(bob);
    const { conversationId, stream } = await begin(tab);
    await whenEnded(tab, stream);
    const database = server.get(Database);
    // As a process leaves it that dies: active, with a reservation, and a lease that no process renews.
    await database.write(async (em) => {
      const run = await em.findOneOrFail(Run, { conversationId });
      await em.nativeDelete(UsageEntry, { runId: run.id });
      Object.assign(run, { status: 'running', finishedAt: null, leaseUntil: 1, reservedTokens: 1_000 });
    });
    expect(await tab.refused('message:send', newMessage())).toMatchObject({ code: 'budget_exceeded' });
    await until(
      async () => (await budgetOf(server, bob)).standing?.day?.reserved === 0,
      'another process has ended the run',
      30_000,
    );
    await tab.command('message:send', newMessage());
  });

  it('holds for two processes at once', async () => {
    await using database = await createTestDatabase();
    await using model = await ModelServer.start();
    await using one = await TestServer.start({}, { database, model });
    // Only one process may use a SQLite file.
    if (one.config.database.kind !== 'postgresql') return;
    await using two = await TestServer.start({}, { database, model });
    const ada = await one.signIn('Ada', 'admin');
    for (const round of [1, 2, 3]) {
      const bob = await one.signIn(`Bob${round}`);
      await setBudget(one, ada, bob, tokens(1_000));
      const tabs = [await one.connect(bob), await two.connect(two.renew(bob))];
      const answer = held('One of them');
      model.next(answer.script);
      const sends = tabs.map((tab) => tab.command('message:send', newMessage()));
      const outcomes = await Promise.allSettled(sends);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect((await budgetOf(two, two.renew(bob))).standing?.day).toMatchObject({ used: 0, reserved: 1_000 });
      answer.release();
      await until(async () => (await budgetOf(two, two.renew(bob))).standing?.day?.reserved === 0, 'the run has ended');
    }
  });
});
