import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { addTest } from '../../src/webhooks/outbox.js';
import { WebhookSecrets } from '../../src/webhooks/webhook-secrets.js';
import { Webhook } from '../../src/webhooks/webhook.entity.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { postWebhook, whenDelivery, WebhookReceiver } from './webhook-receiver.js';

/** The local network of the server is not reached through webhooks (server-side request forgery). */
describe('without WEBHOOK_PRIVATE', () => {
  let server: TestServer;
  let receiver: WebhookReceiver;
  let ada: TestPerson;
  beforeAll(async () => {
    server = await TestServer.start();
    receiver = await WebhookReceiver.start();
    ada = await server.signIn('Ada');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  it.each([
    ['plain http', 'http://192.0.2.1/', 'must begin with https:'],
    ['this machine', 'https://127.0.0.1/', 'leads to an address that is not public'],
    ['this machine by its number', 'https://2130706433/', 'leads to an address that is not public'],
    ['this machine by IPv6', 'https://[::1]/', 'leads to an address that is not public'],
    ['this machine by IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/', 'leads to an address that is not public'],
    ['any address', 'https://0.0.0.0/', 'leads to an address that is not public'],
    ['a private network', 'https://10.1.2.3/', 'leads to an address that is not public'],
    ['a unique local address', 'https://[fd00::1]/', 'leads to an address that is not public'],
    ['the metadata of a cloud', 'https://169.254.169.254/latest/', 'leads to an address that is not public'],
    ['a name of this machine', 'https://localhost/', 'leads to an address that is not public'],
    ['a name that does not exist', 'https://hooks.invalid/', 'the host cannot be found'],
  ])('a webhook to %s is refused', async (_what, url, reason) => {
    const response = await postWebhook(server, ada, { name: 'Receiver', url, events: ['run.finished'] });
    expect(response.status).toBe(400);
    await expect(response.json()).resolves.toMatchObject({ detail: `url: ${reason}` });
  });

  it('a webhook to a public address is accepted', async () => {
    const url = 'https://[2606:4700::6810:84e5]/hook';
    expect((await postWebhook(server, ada, { name: 'Receiver', url, events: ['run.finished'] })).status).toBe(201);
  });

  it.each([
    ['a name that leads to this machine by now', (port: number) => `https://localhost:${port}/`],
    ['an address of this machine', (port: number) => `https://127.0.0.1:${port}/`],
  ])('nothing is sent to %s', async (_what, url) => {
    const sealedSecret = await server.get(WebhookSecrets).seal(server.get(WebhookSecrets).create());
    const id = server.get(Database).clock.newId();
    await server.get(Database).write((em) => {
      em.create(Webhook, {
        id,
        userId: ada.userId,
        scope: 'own',
        name: 'From before',
        url: url(receiver.port),
        events: ['run.finished'],
        sealedSecret,
        sealedFormerSecret: null,
        rolledAt: null,
        status: 'on',
        failingSince: null,
        createdAt: 1,
      });
      return Promise.resolve();
    });
    await server.get(EventLog).write((transaction) => addTest(transaction, id));
    const failed = await whenDelivery(server, ada, id, ({ failure }) => failure !== null);
    expect(failed).toMatchObject({ failure: 'private_address', answerStatus: null });
    expect(receiver.received).toEqual([]);
  });
});
