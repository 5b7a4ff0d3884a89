import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What happens to a WebSocket. */
type Upgrades = 'passed' | 'refused' | 'ignored';

/** A proxy in front of a server, like strict ones in companies: plain requests pass, WebSockets may not. */
export class StrictProxy {
  upgrades: Upgrades = 'passed';
  readonly #server: Server;
  readonly #held = new Set<Duplex>();
  #target = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const passed = request({ host: '127.0.0.1', port: this.#target, method, path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
    server.on('upgrade', (incoming: IncomingMessage, browser: Duplex) => this.#upgrade(incoming, browser));
  }

  static async start(): Promise<StrictProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StrictProxy(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  leadTo(port: number): void {
    this.#target = port;
  }

  async dispose(): Promise<void> {
    for (const socket of this.#held) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #upgrade({ method, url, rawHeaders }: IncomingMessage, browser: Duplex): void {
    this.#held.add(browser);
    browser.on('error', () => browser.destroy());
    if (this.upgrades === 'ignored') return;
    if (this.upgrades === 'refused') {
      browser.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const server: Socket = connect(this.#target, '127.0.0.1');
    this.#held.add(server);
    const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}`] : []));
    server.write(`${method ?? 'GET'} ${url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    server.on('error', () => browser.destroy());
    server.pipe(browser).pipe(server);
  }
}
