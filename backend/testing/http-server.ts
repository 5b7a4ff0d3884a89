import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The servers of this file, so that their answers are not taken for answers of Lockstep. */
const fakes = new WeakSet<object>();

/** Whether a server of this process plays another service. */
export const isFake = (server: object): boolean => fakes.has(server);

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Serves one handler on a free port of 127.0.0.1, and keeps what it throws until the end. */
export class HttpServer implements AsyncDisposable {
  /** Connections that clients have made so far. */
  connections = 0;
  readonly #server: Server;
  readonly #errors: unknown[] = [];

  private constructor(server: Server) {
    this.#server = server;
    fakes.add(server);
    server.on('connection', () => (this.connections += 1));
  }

  static async start(handler: Handler): Promise<HttpServer> {
    // Small writes are sent at once: what a test writes is what a client reads.
    const server = createServer({ noDelay: true });
    const started = new HttpServer(server);
    server.on('request', (request, response) => {
      const handle = async (): Promise<void> => handler(request, response);
      handle().catch((error: unknown) => {
        started.#errors.push(error);
        response.destroy();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * Refuses connections from now on and breaks those that are open.
   * @throws AggregateError when the handler has failed
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    if (this.#errors.length > 0) throw new AggregateError(this.#errors, 'a script failed');
  }
}
