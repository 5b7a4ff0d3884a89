import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The network between browsers and a server. Chromium's offline mode does not affect open WebSockets, so the connection
 * itself has to be cut.
 */
export class Network {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target = 0;
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (browser) => this.#join(browser));
  }

  static async start(): Promise<Network> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Network(server);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sets the port that connections go to. */
  leadTo(port: number): void {
    this.#target = port;
  }

  /** Breaks every connection, and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Keeps connections open without delivering anything, as after a laptop's sleep. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause().unpipe();
  }

  mend(): void {
    this.#isCut = false;
  }

  async dispose(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(browser: Socket): void {
    if (this.#isCut) {
      browser.resetAndDestroy();
      return;
    }
    const server = connect(this.#target, '127.0.0.1');
    for (const [from, to] of [
      [browser, server],
      [server, browser],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      // Expected: connections are broken on purpose, and both ends handle it.
      from.on('error', () => to.destroy());
    }
  }
}
