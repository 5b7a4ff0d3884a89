import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Wire, WireRequest } from './wire.js';

/** How the server answers one request. */
export type WireScript = (response: ServerResponse, request: WireRequest) => void | Promise<void>;

/** A server that speaks the API of one provider, over real HTTP. */
export class WireServer implements AsyncDisposable {
  readonly requests: WireRequest[] = [];
  script: WireScript = (response) => void response.end();
  /** Resolved when the connection of the last answer has closed. */
  closed: Promise<unknown> = Promise.resolve();
  private readonly scriptErrors: unknown[] = [];

  private constructor(private readonly server: Server) {}

  static async start(wire: Wire): Promise<WireServer> {
    const server = createServer({ noDelay: true });
    const started = new WireServer(server);
    server.on('request', (request, response) => {
      started.closed = once(response, 'close');
      const answer = async (): Promise<void> => {
        const read = wire.read(JSON.parse(await text(request)) as Record<string, unknown>);
        started.requests.push(read);
        await started.script(response, read);
      };
      answer().catch((error: unknown) => started.scriptErrors.push(error));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
    if (this.scriptErrors.length > 0) throw new AggregateError(this.scriptErrors, 'a script failed');
  }
}
