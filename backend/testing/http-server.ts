import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The servers of this file, so that their answers are not taken for answers of Lockstep. */
const fakes = new WeakSet<object>();

/** Whether a server of this process plays another service. */
export const isFake = (server: object): boolean => fakes.has(server);

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Serves one handler on a free port of 127.0.0.1, and collects its errors until it is closed. */
export class HttpServer implements AsyncDisposable {
  /** The number of connections so far. */
  connections = 0;
  readonly #server: Server;
  readonly #errors: unknown[] = [];

  private constructor(server: Server) {
    this.#server = server;
    fakes.add(server);
    server.on('connection', () => (this.connections += 1));
  }

  static async start(handler: Handler): Promise<HttpServer> {
    // Send small writes at once, so that a client reads exactly what a test writes.
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
   * Refuses new connections and closes the open ones.
   * @throws AggregateError when the handler failed
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
