import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** PostgreSQL's message for an error: https://www.postgresql.org/docs/current/protocol-message-formats.html */
export function refusal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** A TCP server in place of PostgreSQL that handles each connection as the test says. */
export class FakePostgres implements AsyncDisposable {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(connected: (socket: Socket) => void): Promise<FakePostgres> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const fake = new FakePostgres(server);
    server.on('connection', (socket) => {
      fake.sockets.add(socket);
      // The client hangs up, which these tests expect.
      socket.on('error', () => undefined);
      connected(socket);
    });
    return fake;
  }

  /** The value for `DATABASE_URL`. */
  get url(): string {
    return `postgresql://lockstep:secret-word@${this.address}/chat`;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
