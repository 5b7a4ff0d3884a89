import { once } from 'node:events';
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION } from '../../../src/protocol/index.js';
import { until } from '../../support/test-client.js';
import type { TestServer } from '../../support/test-server.js';

const ADDRESS = '/socket.io/?EIO=4&transport=websocket';

/** Engine.IO without Socket.IO's client: sends exactly these packets. */
export class RawSocket implements AsyncDisposable {
  readonly received: string[] = [];
  isClosed = false;

  private constructor(readonly webSocket: WebSocket) {
    webSocket.on('message', (data: Buffer) => this.received.push(data.toString()));
    webSocket.on('close', () => (this.isClosed = true));
    webSocket.on('error', () => undefined);
  }

  /** @throws Error when the server refuses the connection */
  static async open(server: TestServer, headers: Record<string, string> = {}, path = ADDRESS): Promise<RawSocket> {
    const raw = new RawSocket(new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { headers }));
    await once(raw.webSocket, 'open');
    return raw;
  }

  /** Opens a connection and is let in with a token. */
  static async enter(server: TestServer, token: string): Promise<RawSocket> {
    const raw = await RawSocket.open(server);
    raw.send(`40${JSON.stringify({ token, protocol: PROTOCOL_VERSION })}`);
    await until(() => raw.received.some((packet) => packet.startsWith('40')), 'let in');
    return raw;
  }

  send(...packets: (string | Buffer)[]): void {
    for (const packet of packets) this.webSocket.send(packet);
  }

  /** Waits until the server has closed the connection, or has answered a harmless command after everything before it. */
  async settled(): Promise<void> {
    const before = this.received.length;
    this.send('42987["stream:unsubscribe",{"stream":"admin"}]');
    const isAnswered = (): boolean => this.received.slice(before).some((packet) => packet.startsWith('43987'));
    await until(() => this.isClosed || isAnswered(), 'closed or answered');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed) return;
    const closed = once(this.webSocket, 'close');
    this.webSocket.terminate();
    await closed;
  }
}
