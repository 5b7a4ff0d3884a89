import { expect, it } from '@jest/globals';
import { EventLog } from '../../src/streams/log/event-log.js';
import { addTest } from '../../src/webhooks/outbox.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { addWebhook, deliveriesOf, WebhookReceiver } from '../programs/webhook-receiver.js';
import { createTestDatabase } from '../support/test-database.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const ROUNDS = 10;
const COUNT = 4 * ROUNDS;

it('several processes send each event once', async () => {
  await using database = await createTestDatabase();
  await using model = await ModelServer.start();
  await using receiver = await WebhookReceiver.start();
  const env = { WEBHOOK_PRIVATE: 'on' };
  await using one = await TestServer.start(env, { database, model });
  await using other = await TestServer.start(env, { database, model });
  const ada = await one.signIn('Ada');
  const webhooks = [await addWebhook(one, ada, receiver.url), await addWebhook(one, ada, receiver.url)];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const server of [one, other]) {
      for (const { id } of webhooks) await server.get(EventLog).write((transaction) => addTest(transaction, id));
    }
  }
  await until(async () => {
    const all = (await Promise.all(webhooks.map(({ id }) => deliveriesOf(one, ada, id)))).flat();
    return all.length === COUNT && all.every(({ status }) => status === 'delivered');
  }, 'all events are delivered');
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(COUNT);
  expect(new Set(ids).size).toBe(COUNT);
});
