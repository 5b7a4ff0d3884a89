import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { breakConnection } from './break-connection.js';

/**
 * What happens to bytes.
 * `pass`: delivered; `stall`: held, and delivered later; `swallow`: lost, while both sides believe that they are
 * connected (half-open); `mute`: the same, only for bytes of the server.
 */
export type Weather = 'pass' | 'stall' | 'swallow' | 'mute';

interface Link {
  readonly client: Socket;
  readonly target: Socket;
  /** Stays half-open, whatever the state of the proxy. */
  isAbandoned: boolean;
}

/** A TCP proxy on 127.0.0.1 that disturbs its connections on request. */
export class TcpProxy implements AsyncDisposable {
  private readonly links = new Set<Link>();
  private weather: Weather = 'pass';
  private isRefusing = false;
  /** Bytes are written in pieces of this size; 0 leaves them as they come. */
  sliceBytes = 0;
  /** Chooses the port of each new connection, instead of `targetPort`. */
  choose: (() => number) | undefined;
  /** Bytes of clients are delayed by this time. */
  delayMs = 0;

  private constructor(
    private readonly server: Server,
    /** The port that connections go to; a restarted server may have another one. */
    public targetPort: number,
  ) {
    server.on('connection', (client) => this.link(client));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new TcpProxy(server, targetPort);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.links.size;
  }

  /** Resets every connection. */
  cut(): void {
    for (const link of this.links) unlink(link);
  }

  /** Resets one connection, which `choose` selects. */
  cutOne(choose: (count: number) => number): void {
    const link = [...this.links][choose(this.links.size)];
    if (link) unlink(link);
  }

  /** Makes the existing connections half-open until they are closed; new ones are not affected. */
  abandon(): void {
    for (const link of this.links) link.isAbandoned = true;
  }

  /** Resets new connections at once until `accept`. */
  refuse(): void {
    this.isRefusing = true;
  }

  accept(): void {
    this.isRefusing = false;
  }

  /** Changes what happens to bytes, for existing and new connections. */
  become(weather: Weather): void {
    this.weather = weather;
    for (const { client, target } of this.links) {
      for (const socket of [client, target]) {
        if (weather === 'stall') socket.pause();
        else socket.resume();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private link(client: Socket): void {
    client.on('error', ignoreReset);
    if (this.isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ host: '127.0.0.1', port: this.choose?.() ?? this.targetPort, noDelay: true });
    const link: Link = { client, target, isAbandoned: false };
    this.links.add(link);
    target.on('error', ignoreReset);
    this.carry(
      client,
      target,
      () => link.isAbandoned || this.weather === 'swallow',
      () => this.delayMs,
    );
    this.carry(target, client, () => link.isAbandoned || this.weather === 'swallow' || this.weather === 'mute');
    for (const socket of [client, target]) {
      socket.once('close', () => {
        this.links.delete(link);
        unlink(link);
      });
    }
    if (this.weather === 'stall') this.become('stall');
  }

  private carry(from: Socket, to: Socket, isLost: () => boolean, delayMs = (): number => 0): void {
    from.on('data', (bytes: Buffer) => {
      if (isLost()) return;
      const step = this.sliceBytes || bytes.length;
      const deliver = (): void => {
        for (let at = 0; at < bytes.length; at += step) to.write(bytes.subarray(at, at + step));
      };
      if (delayMs() > 0) setTimeout(deliver, delayMs());
      else deliver();
    });
    from.on('end', () => to.end());
  }
}

/** Both sides get a reset, followed by `close`, which is handled. */
const ignoreReset = (): undefined => undefined;

function unlink({ client, target }: Link): void {
  for (const socket of [client, target]) breakConnection(socket);
}
