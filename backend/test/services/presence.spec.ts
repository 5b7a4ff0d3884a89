import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { begin, whenEnded } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { TestServer } from '../support/test-server.js';

/** Well below the interval of the heartbeat, ten seconds. */
const SOON_MS = 4_000;

describe('the dashboard of several processes', () => {
  let database: TestDatabase;
  let model: ModelServer;
  let one: TestServer;
  let other: TestServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    one = await TestServer.start({}, { database, model });
    other = await TestServer.start({}, { database, model });
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it('counts users, tabs and running replies of all processes, each user once', async () => {
    const ada = await one.signIn('Ada', 'admin');
    const bob = await one.signIn('Bob');
    const counts = async (server: TestServer): Promise<unknown> => {
      const { connectedUsers, sockets, activeRuns } = (await (
        await server.fetch('/api/admin/dashboard', server.renew(ada))
      ).json()) as Record<string, number>;
      return [connectedUsers, sockets, activeRuns];
    };
    const bothSay = async (...expected: number[]): Promise<void> => {
      for (const server of [one, other]) {
        await until(async () => JSON.stringify(await counts(server)) === JSON.stringify(expected), 'counts', SOON_MS);
      }
    };
    await one.connect(ada);
    const near = await one.connect(bob);
    const far = [await other.connect(other.renew(bob)), await other.connect(other.renew(bob))];
    await bothSay(2, 4, 0);
    model.next(says(['one', 'two', 'three'], { delayMs: 1_000 }));
    const { stream } = await begin(near);
    await bothSay(2, 4, 1);
    await whenEnded(near, stream);
    for (const tab of [near, ...far.slice(1)]) tab.close();
    await bothSay(2, 2, 0);
    far[0]?.close();
    await bothSay(1, 1, 0);
  });
});
