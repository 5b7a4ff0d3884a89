import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { ChatSocket } from './chat-socket.js';
import type { Frame } from './frame.js';
import { SendQueue } from './send-queue.js';

/** Engine.IO leaves the WebSocket at the request that it was opened by. */
interface UpgradedRequest extends IncomingMessage {
  readonly websocket?: { readonly readyState: number; readonly OPEN: number; readonly extensions: string };
}

/** The connection below a socket: what frames are written to, and what waits to be sent on it. */
export class Connection {
  /** Streams that the socket was taken out of and has not been told of yet (`L11`). */
  lagging: readonly string[] = [];
  private readonly tcp: TcpSocket;
  private readonly webSocket: UpgradedRequest['websocket'];
  private isCorked = false;
  /** Kept while something waits. */
  private queue: SendQueue | undefined;

  constructor(readonly socket: ChatSocket) {
    const request = socket.request as UpgradedRequest;
    this.tcp = request.socket;
    this.webSocket = request.websocket;
  }

  /** Whether the system has not taken over yet all that was written. */
  get hasUnsent(): boolean {
    return this.tcp.writableLength > 0;
  }

  get isClosed(): boolean {
    return this.tcp.destroyed;
  }

  /** What waits, and for how long the oldest byte of it has done so; called now and then while something does. */
  unsent(now: number): { readonly buffered: number; readonly behindMs: number } {
    const { bytesWritten, writableLength } = this.tcp;
    const held = this.held();
    if (writableLength === 0 && held === 0) {
      this.queue = undefined;
      return { buffered: 0, behindMs: 0 };
    }
    this.queue ??= new SendQueue();
    this.queue.note(bytesWritten + held, bytesWritten - writableLength, now);
    return { buffered: writableLength + held, behindMs: this.queue.behindMs(now) };
  }

  /**
   * Sends a frame behind everything that was sent before. Straight to the TCP connection where that keeps the order:
   * Engine.IO and `ws` write synchronously too, but for packets that wait until the transport is writable again, and
   * for frames that are compressed.
   *
   * @returns whether this corked the connection, which waits for `flush` then
   */
  send({ text, bytes }: Frame): boolean {
    if (!this.isDirect()) {
      // Does nothing when it is closed.
      this.socket.conn.write(text);
      return false;
    }
    const corks = !this.isCorked;
    if (corks) {
      this.isCorked = true;
      this.tcp.cork();
    }
    this.tcp.write(bytes);
    return corks;
  }

  /** Hands over in one write what was sent since the connection was corked. */
  flush(): void {
    this.isCorked = false;
    this.tcp.uncork();
  }

  /** Without a farewell: it would wait behind all that is not read. */
  destroy(): void {
    this.tcp.destroy();
  }

  private isDirect(): boolean {
    const { conn } = this.socket;
    const { webSocket } = this;
    return (
      // Engine.IO holds no packet back while this is true.
      conn.transport.writable &&
      conn.transport.name === 'websocket' &&
      conn.readyState === 'open' &&
      webSocket !== undefined &&
      webSocket.readyState === webSocket.OPEN &&
      webSocket.extensions === '' &&
      this.tcp.writable
    );
  }

  /** How much Engine.IO holds back, in UTF-16 units, which is near enough. It has no public way to ask. */
  private held(): number {
    const packets: unknown = Reflect.get(this.socket.conn, 'writeBuffer');
    if (!Array.isArray(packets)) return 0;
    let size = 0;
    for (const { data } of packets as { data?: unknown }[]) size += typeof data === 'string' ? data.length : 1;
    return size;
  }
}
