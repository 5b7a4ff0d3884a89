import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { cutFrames, type Frame } from './web-socket-frames.js';

/** The copies of one packet, each with its delay in milliseconds. Empty: the packet is dropped. */
export type Fate = readonly number[];

export type FateOf = (frame: Frame, from: 'server' | 'tab') => Fate;

const DELIVERED: Fate = [0];

/**
 * A proxy that parses WebSocket frames and Socket.IO packets: it drops, duplicates and delays single packets, while a
 * TCP proxy could only break the connection. Packets that open and keep a connection pass: `FateOf` decides only about
 * events and acknowledgements.
 */
export class PacketProxy implements AsyncDisposable {
  private readonly sockets = new Set<Socket>();
  private fateOf: FateOf | undefined;
  /** How many packets were dropped, duplicated or delayed. */
  touched = 0;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: () => number,
  ) {
    server.on('connection', (tab) => this.link(tab));
  }

  static async start(targetPort: () => number): Promise<PacketProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new PacketProxy(server, targetPort);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Sets the decision from now on; without one everything is delivered. */
  become(fateOf?: FateOf): void {
    this.fateOf = fateOf;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private link(tab: Socket): void {
    const target = connect({ host: '127.0.0.1', port: this.targetPort(), noDelay: true });
    for (const [from, to] of [
      [tab, target],
      [target, tab],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
    this.carry(tab, target, 'tab');
    this.carry(target, tab, 'server');
  }

  private carry(from: Socket, to: Socket, side: 'server' | 'tab'): void {
    let rest: Buffer = Buffer.alloc(0);
    let isUpgraded = false;
    from.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      if (!isUpgraded) {
        const end = rest.indexOf('\r\n\r\n');
        if (end === -1) return;
        to.write(rest.subarray(0, end + 4));
        rest = rest.subarray(end + 4);
        isUpgraded = true;
      }
      const { frames, remainder } = cutFrames(rest);
      rest = remainder;
      for (const frame of frames) this.deliver(frame, to, side);
    });
  }

  private deliver(frame: Frame, to: Socket, side: 'server' | 'tab'): void {
    // 42 is an event and 43 an acknowledgement of the namespace `/`.
    const isPacket = /^4[23]/.test(frame.text);
    const fate = (isPacket && this.fateOf?.(frame, side)) || DELIVERED;
    if (fate.length !== 1 || fate[0] !== 0) this.touched += 1;
    for (const ms of fate) {
      if (ms === 0) to.write(frame.bytes);
      else setTimeout(() => !to.destroyed && to.write(frame.bytes), ms);
    }
  }
}
