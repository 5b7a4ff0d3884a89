import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import type { Page, WebhookDelivery as DeliveryView } from '../../src/protocol/index.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { addFinishedRun, addTest } from '../../src/webhooks/outbox.js';
import { Courier } from '../../src/webhooks/sending/courier.service.js';
import { DeliveryRows } from '../../src/webhooks/sending/delivery-rows.js';
import { WebhookDelivery } from '../../src/webhooks/webhook-delivery.entity.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { passTime } from '../support/pass-time.js';
import { createTestDatabase } from '../support/test-database.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { addWebhook, ask, deliveriesOf, isSigned, whenDelivery, WebhookReceiver } from './webhook-receiver.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

describe('the delivery of an event', () => {
  let server: TestServer;
  let receiver: WebhookReceiver;
  let ada: TestPerson;
  beforeEach(async () => {
    server = await TestServer.start({ WEBHOOK_PRIVATE: 'on' });
    receiver = await WebhookReceiver.start();
    ada = await server.signIn('Ada');
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await server[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const newest = (id: string, fits: (delivery: DeliveryView) => boolean) => whenDelivery(server, ada, id, fits);
  const test = (id: string) => ask(server, ada, 'POST', `/${id}/test`);
  /** Moves the clock to the next attempt. */
  const pass = ({ dueAt }: DeliveryView): void => {
    const { clock } = server.get(Database);
    if (dueAt === null) throw new Error('no attempt is due');
    jest.restoreAllMocks();
    passTime(clock, dueAt - clock.now());
  };

  it('is repeated with longer and longer pauses, always with the same id and body', async () => {
    receiver.answer = (response, count) => response.writeHead(count < 4 ? 503 : 200).end();
    const { id, secret } = await addWebhook(server, ada, receiver.url);
    await test(id);
    const pauses: number[] = [];
    for (const attempts of [1, 2, 3]) {
      // While an attempt is under way the time of its beginning is still the one that is due.
      const isOver = ({ dueAt }: DeliveryView) => (dueAt ?? 0) > server.get(Database).clock.now();
      const failed = await newest(id, (delivery) => delivery.attempts === attempts && isOver(delivery));
      expect(failed).toMatchObject({ status: 'pending', answerStatus: 503, failure: 'status' });
      pauses.push(Math.round(((failed.dueAt ?? 0) - server.get(Database).clock.now()) / SECOND_MS));
      pass(failed);
    }
    expect(await newest(id, ({ status }) => status === 'delivered')).toMatchObject({ attempts: 4, answerStatus: 200 });
    expect(pauses).toEqual([5, 30, 120].map((pause) => expect.closeTo(pause, -0.5)));
    const { received } = receiver;
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(received.every((one) => isSigned(one, secret))).toBe(true);
    const times = received.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times.at(-1)).toBeGreaterThan((times[0] ?? 0) + 150);
  });

  it('is given up after a day, and can be tried again by its user', async () => {
    receiver.answer = (response) => response.writeHead(500).end();
    const { id } = await addWebhook(server, ada, receiver.url);
    await test(id);
    await newest(id, ({ failure }) => failure !== null);
    passTime(server.get(Database).clock, DAY_MS);
    const given = await newest(id, ({ status }) => status === 'failed');
    expect(given).toMatchObject({ attempts: 2, dueAt: null, failure: 'status' });
    receiver.answer = (response) => response.writeHead(204).end();
    jest.restoreAllMocks();
    const path = `/${id}/deliveries/${given.id}/retry`;
    expect(await ask(server, ada, 'POST', path)).toMatchObject({ status: 200, body: { status: 'pending' } });
    await newest(id, ({ status }) => status === 'delivered');
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual(Array.from({ length: 3 }, () => `msg_${given.id}`));
  });

  it('ends with 410, which turns the webhook off until its user turns it on again', async () => {
    receiver.answer = (response, count) => response.writeHead(count === 1 ? 410 : 204).end();
    const { id } = await addWebhook(server, ada, receiver.url);
    await test(id);
    expect(await newest(id, ({ status }) => status === 'failed')).toMatchObject({ answerStatus: 410, dueAt: null });
    const { body } = await ask(server, ada, 'GET', '');
    expect(body.items[0]).toMatchObject({ status: 'gone' });
    expect((await ask(server, ada, 'POST', `/${id}/test`)).status).toBe(400);
    await ask(server, ada, 'PATCH', `/${id}`, { on: true });
    await test(id);
    await newest(id, ({ status }) => status === 'delivered');
  });

  it('takes a redirect for a failure, and does not follow it', async () => {
    await using elsewhere = await WebhookReceiver.start();
    receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
    const { id } = await addWebhook(server, ada, receiver.url);
    await test(id);
    expect(await newest(id, ({ failure }) => failure !== null)).toMatchObject({
      failure: 'redirect',
      answerStatus: 307,
    });
    expect(elsewhere.received).toEqual([]);
  });

  it('to a receiver that hangs is broken off, and delays no other webhook', async () => {
    receiver.answer = () => undefined;
    await using other = await WebhookReceiver.start();
    const hanging = await addWebhook(server, ada, receiver.url);
    const quick = await addWebhook(server, ada, other.url);
    for (let count = 0; count < 5; count += 1) await test(hanging.id);
    await receiver.count(2);
    await test(quick.id);
    await whenDelivery(server, ada, quick.id, ({ status }) => status === 'delivered');
    // No more than two at once: the others wait.
    expect(receiver.received).toHaveLength(2);
    const failed = await until(
      async () => (await deliveriesOf(server, ada, hanging.id)).find(({ failure }) => failure !== null),
      'the attempt is broken off',
      20_000,
    );
    expect(failed).toMatchObject({ failure: 'timeout', status: 'pending', answerStatus: null });
    const { body } = await ask(server, ada, 'GET', '');
    expect(body.items.find(({ id }) => id === hanging.id)?.failingSince).toEqual(expect.any(Number));
  });

  it('is given up when its webhook is turned off', async () => {
    receiver.answer = (response) => response.writeHead(500).end();
    const { id } = await addWebhook(server, ada, receiver.url);
    await test(id);
    await newest(id, ({ failure }) => failure === 'status');
    await ask(server, ada, 'PATCH', `/${id}`, { on: false });
    expect(await newest(id, ({ status }) => status === 'failed')).toMatchObject({ failure: 'turned_off', dueAt: null });
  });

  it('is listed page by page, and for thirty days', async () => {
    const { id } = await addWebhook(server, ada, receiver.url);
    for (let count = 0; count < 3; count += 1) await test(id);
    await receiver.count(3);
    await until(
      async () => (await deliveriesOf(server, ada, id)).every(({ status }) => status === 'delivered'),
      'all are delivered',
    );
    const pageAt = async (query: string) =>
      (await (await server.fetch(`/api/webhooks/${id}/deliveries?limit=2${query}`, ada)).json()) as Page<DeliveryView>;
    const first = await pageAt('');
    const second = await pageAt(`&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...second.items].map((delivery) => delivery.id);
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, null]);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const createdAt = server.get(Database).clock.now() - 31 * DAY_MS;
    await server.get(Database).write(async (em) => void (await em.nativeUpdate(WebhookDelivery, {}, { createdAt })));
    await server.get(Courier).sweep();
    expect(await deliveriesOf(server, ada, id)).toEqual([]);
  });

  it('is written with its event or not at all', async () => {
    await addWebhook(server, ada, receiver.url);
    const run = { runId: ada.userId, conversationId: null, messageId: null, userId: ada.userId, model: 'm' };
    const work = server.get(EventLog).write(async (transaction) => {
      await addFinishedRun(transaction, { ...run, status: 'completed' });
      throw new Error('something else went wrong');
    });
    await expect(work).rejects.toThrow('something else');
    expect(await server.get(Database).read((em) => em.count(WebhookDelivery, {}))).toBe(0);
  });
});

it('an event outlives the process that has written it, and the one that was sending it', async () => {
  await using database = await createTestDatabase();
  await using model = await ModelServer.start();
  await using receiver = await WebhookReceiver.start();
  const env = { WEBHOOK_PRIVATE: 'on' };
  const first = await TestServer.start(env, { database, model });
  const ada = await first.signIn('Ada');
  const { id } = await addWebhook(first, ada, receiver.url);
  // This process sends nothing any more: it dies while it does.
  jest.spyOn(first.get(DeliveryRows), 'due').mockResolvedValue([]);
  const sent = await first.get(EventLog).write((transaction) => addTest(transaction, id));
  const claimed = await first.get(DeliveryRows).claim(id);
  expect(claimed?.id).toBe(sent);
  expect(await first.get(DeliveryRows).claim(id)).toBeUndefined();
  await first[Symbol.asyncDispose]();

  await using second = await TestServer.start(env, { database, model });
  const again = second.renew(ada);
  expect(await deliveriesOf(second, again, id)).toMatchObject([{ id: sent, status: 'pending', attempts: 1 }]);
  passTime(second.get(Database).clock, 60_000);
  await whenDelivery(second, again, id, ({ status }) => status === 'delivered');
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([`msg_${sent}`]);
  // The late outcome of the dead process changes nothing.
  if (!claimed) throw new Error('nothing was claimed');
  const late = { answerStatus: null, failure: 'timeout', isGone: false } as const;
  await second.get(DeliveryRows).finish(claimed, id, late);
  expect(await deliveriesOf(second, again, id)).toMatchObject([{ status: 'delivered', attempts: 2, failure: null }]);
  jest.restoreAllMocks();
});
