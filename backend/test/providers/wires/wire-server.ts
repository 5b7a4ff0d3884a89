import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { HttpServer } from '../../../testing/http-server.js';
import type { Wire, WireRequest } from './wire.js';

/** How the server answers one request. */
export type WireScript = (response: ServerResponse, request: WireRequest) => void | Promise<void>;

/** A server that speaks the API of one provider, over real HTTP. */
export class WireServer implements AsyncDisposable {
  readonly requests: WireRequest[] = [];
  script: WireScript = (response) => void response.end();
  /** Resolved when the connection of the last answer has closed. */
  closed: Promise<unknown> = Promise.resolve();
  private http: HttpServer | undefined;

  static async start(wire: Wire): Promise<WireServer> {
    const started = new WireServer();
    started.http = await HttpServer.start(async (request, response) => {
      started.closed = once(response, 'close');
      const read = wire.read(JSON.parse(await text(request)) as Record<string, unknown>);
      started.requests.push(read);
      await started.script(response, read);
    });
    return started;
  }

  get url(): string {
    return this.http?.url ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http?.[Symbol.asyncDispose]();
  }
}
