import { afterEach, expect, it, jest } from '@jest/globals';
import { Session } from '../../src/auth/sessions/session.entity.js';
import { Database } from '../../src/database/database.js';
import { says } from '../../testing/model/script.js';
import { passTime } from '../support/pass-time.js';
import { TestServer } from '../support/test-server.js';
import { budgetOf, setBudget, tokens, used } from './budgets.js';

const DAY_MS = 86_400_000;

afterEach(() => {
  jest.restoreAllMocks();
});

// With a server of its own, because its clocks would go back afterwards.
it('a budget begins anew on the next day, or in the next month', async () => {
  await using server = await TestServer.start();
  const [ada, bob] = [await server.signIn('Ada', 'admin'), await server.signIn('Bob')];
  const database = server.get(Database);
  const { clock } = database;
  await database.write((em) => em.nativeUpdate(Session, {}, { expiresAt: clock.now() + 40 * DAY_MS }));
  const ask = (): Promise<Response> =>
    server.fetch('/api/chat', server.renew(bob), { method: 'POST', body: JSON.stringify({ message: 'Hi' }) });
  const refusal = async () => {
    const response = await ask();
    expect(response.status).toBe(429);
    return (await response.json()) as { readonly code: string; readonly resetsAt: number };
  };
  const midnight = (): number => clock.now() - (clock.now() % DAY_MS) + DAY_MS;

  await setBudget(server, ada, bob, tokens(100_000));
  server.model.next(says(['Yes'], used(60_000, 40_000)));
  expect((await ask()).status).toBe(200);
  const tomorrow = midnight();
  expect(await refusal()).toMatchObject({ code: 'budget_exceeded', resetsAt: tomorrow });
  passTime(clock, tomorrow - clock.now() + 1_000);
  expect((await budgetOf(server, server.renew(bob))).standing?.day).toMatchObject({
    used: 0,
    resetsAt: tomorrow + DAY_MS,
  });
  server.model.next(says(['Yes'], used(60_000, 40_000)));
  expect((await ask()).status).toBe(200);

  await setBudget(server, server.renew(ada), bob, tokens(null, 90_000));
  const { resetsAt } = await refusal();
  const month = new Date(resetsAt);
  expect([month.getUTCDate(), month.getUTCHours(), month.getUTCMinutes()]).toEqual([1, 0, 0]);
  expect(resetsAt).toBeGreaterThan(clock.now());
  passTime(clock, resetsAt - clock.now() + 1_000);
  server.model.next(says(['Yes'], used(5, 3)));
  expect((await ask()).status).toBe(200);
  expect((await budgetOf(server, server.renew(bob))).standing?.month).toMatchObject({ limit: 90_000, used: 8 });
});
