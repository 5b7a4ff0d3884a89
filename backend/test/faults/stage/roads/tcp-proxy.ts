import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { breakConnection } from './break-connection.js';

/**
 * What becomes of bytes on their way.
 * `pass`: delivered; `stall`: kept, and delivered later; `swallow`: lost, while both sides think that they are
 * connected (half-open); `mute`: the same for what the server says alone.
 */
export type Weather = 'pass' | 'stall' | 'swallow' | 'mute';

interface Link {
  readonly client: Socket;
  readonly target: Socket;
  /** Half-open for good, whatever the weather. */
  isAbandoned: boolean;
}

/** A TCP proxy on 127.0.0.1 that treats its connections badly when told to. */
export class TcpProxy implements AsyncDisposable {
  private readonly links = new Set<Link>();
  private weather: Weather = 'pass';
  private isRefusing = false;
  /** Bytes are written in pieces of this many; 0 leaves them as they come. */
  sliceBytes = 0;
  /** What clients say is delivered so much later. */
  delayMs = 0;

  private constructor(
    private readonly server: Server,
    /** Where connections go; a restarted server may listen elsewhere. */
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

  /** Breaks every connection with a reset. */
  cut(): void {
    for (const link of this.links) unlink(link);
  }

  /** Breaks one connection, whichever `choose` points at. */
  cutOne(choose: (count: number) => number): void {
    const link = [...this.links][choose(this.links.size)];
    if (link) unlink(link);
  }

  /** The connections that exist are half-open from now on, for good; new ones are not. */
  abandon(): void {
    for (const link of this.links) link.isAbandoned = true;
  }

  /** New connections are reset at once until `accept`. */
  refuse(): void {
    this.isRefusing = true;
  }

  accept(): void {
    this.isRefusing = false;
  }

  /** Changes the weather for the connections that exist and those that come. */
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
    const target = connect({ host: '127.0.0.1', port: this.targetPort, noDelay: true });
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

/** Both sides see a reset; the close that follows is all that anybody needs to hear of it. */
const ignoreReset = (): undefined => undefined;

function unlink({ client, target }: Link): void {
  for (const socket of [client, target]) breakConnection(socket);
}
