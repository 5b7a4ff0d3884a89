import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { HttpServer } from '../../testing/http-server.js';
import { until } from '../support/test-client.js';

const notification = z.object({
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});

export type ReceivedAlert = z.infer<typeof notification>['alerts'][number] & { readonly path: string };

/** Alerts travel over a scrape, an evaluation and two waits of Alertmanager, of a second each. */
const DEADLINE_MS = 20_000;

/** Where Alertmanager sends its notifications: keeps all alerts, with the path that they were sent to. */
export class Receiver implements AsyncDisposable {
  readonly alerts: ReceivedAlert[] = [];
  private server: HttpServer | undefined;

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.server = await HttpServer.start(async (request, response) => {
      const { alerts } = notification.parse(await json(request));
      receiver.alerts.push(...alerts.map((alert) => ({ ...alert, path: request.url ?? '' })));
      response.end();
    });
    return receiver;
  }

  get url(): string {
    return this.server?.url ?? '';
  }

  alert(name: string, status: 'firing' | 'resolved'): Promise<ReceivedAlert> {
    const find = () => this.alerts.find((alert) => alert.labels['alertname'] === name && alert.status === status);
    return until(find, `${name} is ${status}`, DEADLINE_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server?.[Symbol.asyncDispose]();
  }
}
