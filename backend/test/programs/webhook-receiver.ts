import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook as Verifier } from 'standardwebhooks';
import { dateOf } from '../../src/clock.js';
import type { CreatedWebhook, WebhookDelivery, WebhookList } from '../../src/protocol/index.js';
import { type WebhookPayload, webhookPayload } from '../../src/protocol/webhooks/payloads.js';
import { DeliveriesService } from '../../src/webhooks/deliveries.service.js';
import { until } from '../support/test-client.js';
import type { TestPerson, TestServer } from '../support/test-server.js';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that webhooks lead to: it records what it receives, and answers as a test wants. */
export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Answers each request; the default is 204. */
  answer: (response: ServerResponse, count: number) => void = (response) => response.writeHead(204).end();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        receiver.received.push({ headers: request.headers, body });
        receiver.answer(response, receiver.received.length);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Waits until so many requests have arrived. */
  async count(wanted: number): Promise<readonly Received[]> {
    await until(() => this.received.length >= wanted, `${wanted} requests of webhooks`);
    return this.received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** The payload of a request. @throws if the signature does not fit its id, time and body */
export function verified({ headers, body }: Received, secret: string): WebhookPayload {
  const document = new Verifier(secret).verify(body, headers as Record<string, string>);
  return webhookPayload.parse(document);
}

/** Whether a signature fits, also of a request whose time a test has moved. */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const at = dateOf(Number(headers['webhook-timestamp']) * 1_000);
  const expected = new Verifier(secret).sign(String(headers['webhook-id']), at, body);
  return String(headers['webhook-signature']).split(' ').includes(expected);
}

export const postWebhook = (server: TestServer, person: TestPerson, body: object): Promise<Response> =>
  server.fetch('/api/webhooks', person, { method: 'POST', body: JSON.stringify(body) });

/** Adds a webhook, as the page does. */
export async function addWebhook(
  server: TestServer,
  person: TestPerson,
  url: string,
  wishes: object = {},
): Promise<CreatedWebhook> {
  const response = await postWebhook(server, person, { name: 'Receiver', url, events: ['run.finished'], ...wishes });
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json()) as CreatedWebhook;
}

/** Sends a request about a webhook. @returns its answer, parsed; `undefined` without a body */
export async function ask(server: TestServer, person: TestPerson, method: string, path: string, body?: object) {
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  const response = await server.fetch(`/api/webhooks${path}`, person, init);
  const said = await response.text();
  return {
    status: response.status,
    body: (said === '' ? undefined : JSON.parse(said)) as CreatedWebhook & WebhookList,
  };
}

/** The newest deliveries of a user's webhook; not over HTTP, because tests move the clock past the end of sessions. */
export async function deliveriesOf(
  server: TestServer,
  { userId, sessionId }: TestPerson,
  webhookId: string,
): Promise<readonly WebhookDelivery[]> {
  const principal = { userId, sessionId, role: 'user' } as const;
  return (await server.get(DeliveriesService).list(principal, webhookId, { limit: 100 })).items;
}

/** Waits until the newest delivery of a webhook is as wanted. */
export const whenDelivery = (
  server: TestServer,
  person: TestPerson,
  webhookId: string,
  fits: (delivery: WebhookDelivery) => boolean,
): Promise<WebhookDelivery> =>
  until(async () => {
    const [newest] = await deliveriesOf(server, person, webhookId);
    return newest && fits(newest) && newest;
  }, 'the delivery is as wanted');
