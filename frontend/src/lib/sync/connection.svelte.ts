import { io, type Socket } from 'socket.io-client';
import {
  type Command,
  type CommandName,
  type CommandResults,
  type ConnectRefusal,
  PROTOCOL_VERSION,
  type Reply,
  type ServerToClient,
} from '#protocol';
import type { TokenSource } from '../http/api.ts';
import { backoffMs } from './backoff.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { storable } from '../storage/storable-text.ts';

/**
 * `closed`: not started, before a user has signed in. `outdated`: the server does not speak the protocol of this page any
 * more, so the page must be reloaded. `draining`: the server announced that it is about to restart. `blocked`: the server answers over HTTP,
 * but something in between blocks WebSockets.
 */
export type ConnectionState =
  'closed' | 'connecting' | 'online' | 'reconnecting' | 'offline' | 'draining' | 'blocked' | 'outdated';

const ACK_TIMEOUT_MS = 10_000;
const OVERLOADED_MS = 5000;
/** A WebSocket that fails this often in a row, while the server answers over HTTP, counts as blocked. */
const BLOCKED_AFTER = 2;
/** A probe within this time after the last one is skipped. */
const PROBE_INTERVAL_MS = 5000;

export interface ConnectionListener {
  connected(): void;
  disconnected(): void;
  events: ServerToClient['stream:events'];
  heads: ServerToClient['stream:heads'];
  lagging: ServerToClient['stream:lagging'];
  /** Sends a cheap request; throws `timeout` if the connection is dead. */
  probe(): Promise<void>;
}

/**
 * The one socket of this tab. Socket.IO's own reconnection is off: it cannot be triggered when the tab becomes visible
 * or the network returns, and it stops when the server refuses a token, though a refresh would help.
 */
export class Connection {
  state = $state<ConnectionState>('closed');
  /** The build of the page that the server has, as it said when this tab connected last. */
  offeredPage = $state<string>();

  readonly #tokens: TokenSource;
  readonly #socket: Socket;
  #listener: ConnectionListener | undefined;
  #token = '';
  /** The token that was fetched after the server had refused the previous one. */
  #freshToken = '';
  #isWanted = false;
  #isOpening = false;
  #attempt = 0;
  #drainMs = 0;
  #probedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    tokens: TokenSource,
    /** Whether the server answers over HTTP. */
    private readonly isReachable: () => Promise<boolean>,
  ) {
    this.#tokens = tokens;
    this.#socket = io({
      autoConnect: false,
      reconnection: false,
      transports: ['websocket'],
      timeout: ACK_TIMEOUT_MS,
      auth: (send) => send({ token: this.#token, protocol: PROTOCOL_VERSION }),
    });
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('disconnect', () => this.#disconnected());
    this.#socket.on('connect_error', (error: Error & { data?: Partial<ConnectRefusal> }) => this.#refused(error.data));
    this.#on('server:hello', ({ page }) => (this.offeredPage = page));
    this.#on('auth:expiring', () => void this.#renewToken());
    this.#on('server:draining', ({ retryAfterMs }) => {
      this.#drainMs = retryAfterMs;
      this.state = 'draining';
    });
  }

  /** Whether a command can be sent right now; unlike `state` this is not reactive. */
  get isConnected(): boolean {
    return this.#socket.connected;
  }

  /** Sets the one listener; call it before `start`. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#on('stream:events', (batch) => listener.events(batch));
    this.#on('stream:heads', (heads) => listener.heads(heads));
    this.#on('stream:lagging', (lagging) => listener.lagging(lagging));
  }

  /** Reconnects at once instead of after the backoff. */
  hurry(): void {
    this.#hurry();
  }

  /** Connects, and stays connected until `stop`. */
  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#attempt = 0;
    this.state = 'connecting';
    addEventListener('online', this.#hurry);
    addEventListener('offline', this.#hurry);
    addEventListener('pageshow', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
    void this.#open();
  }

  stop(): void {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    removeEventListener('online', this.#hurry);
    removeEventListener('offline', this.#hurry);
    removeEventListener('pageshow', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    this.#socket.disconnect();
    this.state = 'closed';
  }

  /**
   * Sends a command and waits for its reply. Throws `RequestFailed`: with the server's code; `disconnected` if the
   * command was not sent or the connection was lost before the reply; `timeout` if no reply came.
   */
  async send<Name extends CommandName>(
    name: Name,
    payload: Command<Name>,
    timeoutMs = ACK_TIMEOUT_MS,
  ): Promise<CommandResults[Name]> {
    if (!this.#socket.connected) throw new RequestFailed('disconnected', 'There is no connection');
    let reply: Reply<CommandResults[Name]>;
    try {
      reply = (await this.#socket.timeout(timeoutMs).emitWithAck(name, storable(payload))) as Reply<
        CommandResults[Name]
      >;
    } catch (cause) {
      const code = this.#socket.connected ? 'timeout' : 'disconnected';
      throw new RequestFailed(code, `No reply to ${name}`, { cause });
    }
    if (reply.ok) return reply.data;
    throw new RequestFailed(reply.error.code, reply.error.message, { retryAfterMs: reply.error.retryAfterMs });
  }

  #on<Name extends keyof ServerToClient>(name: Name, listener: ServerToClient[Name]): void {
    this.#socket.on<string>(name, listener);
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isWanted || this.#isOpening || this.#socket.connected) return;
    this.#isOpening = true;
    try {
      this.#token = await this.#tokens.token();
      if (this.#isWanted) this.#socket.connect();
    } catch (error) {
      // `unauthenticated`: the session has already reported its end. Any other error is worth a retry.
      if (!(error instanceof RequestFailed) || error.code !== 'unauthenticated') this.#retry();
    } finally {
      this.#isOpening = false;
    }
  }

  #retry(leastMs = 0): void {
    if (!this.#isWanted) return;
    if (!navigator.onLine) this.state = 'offline';
    else if (this.state !== 'blocked' && (this.state !== 'draining' || this.#attempt > 0)) this.state = 'reconnecting';
    clearTimeout(this.#timer);
    const waitMs = leastMs + backoffMs(this.#attempt++);
    this.#timer = setTimeout(() => void this.#open(), waitMs);
  }

  #connected(): void {
    this.#attempt = 0;
    this.#drainMs = 0;
    this.state = 'online';
    this.#listener?.connected();
  }

  #disconnected(): void {
    this.#listener?.disconnected();
    if (this.#isWanted) this.#retry(this.#drainMs);
    this.#drainMs = 0;
  }

  #refused(refusal: Partial<ConnectRefusal> = {}): void {
    switch (refusal.code) {
      case 'unauthenticated':
        // The token may be old, or its session over. If a fresh one is refused too, back off instead of looping.
        if (this.#token === this.#freshToken) this.#retry();
        else void this.#reopenWithNewToken();
        return;
      case 'upgrade_required':
        // While servers are upgraded one after the other, a new page may meet an old one.
        if ((refusal.protocol?.newest ?? PROTOCOL_VERSION) < PROTOCOL_VERSION) return this.#retry(OVERLOADED_MS);
        this.#isWanted = false;
        this.state = 'outdated';
        return;
      case 'overloaded':
        this.#retry(OVERLOADED_MS);
        return;
      case undefined:
        this.#retry();
        if (this.#attempt >= BLOCKED_AFTER) void this.#lookForBlock();
    }
  }

  /** Finds out whether WebSockets are blocked, so that the user can be told why retrying does not help. */
  async #lookForBlock(): Promise<void> {
    const isServerThere = await this.isReachable();
    if (this.state === 'reconnecting' && isServerThere) this.state = 'blocked';
    else if (this.state === 'blocked' && !isServerThere) this.state = 'reconnecting';
  }

  async #reopenWithNewToken(): Promise<void> {
    try {
      this.#freshToken = await this.#tokens.refresh();
      await this.#open();
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.code !== 'unauthenticated') this.#retry();
    }
  }

  async #renewToken(): Promise<void> {
    try {
      this.#token = await this.#tokens.refresh();
      await this.send('auth:refresh', { token: this.#token });
    } catch (error) {
      // The server closes the socket when the old token expires; the reconnect then starts over.
      console.debug('The connection keeps its old token', error);
    }
  }

  /** The network or the tab's visibility changed: skip the backoff, and check whether an open socket is still alive. */
  readonly #hurry = (): void => {
    if (document.visibilityState === 'hidden' || !this.#isWanted) return;
    if (this.#socket.connected) {
      void this.#probe();
    } else if (navigator.onLine) {
      this.#attempt = 0;
      void this.#open();
    } else {
      this.state = 'offline';
    }
  };

  async #probe(): Promise<void> {
    if (performance.now() - this.#probedAt < PROBE_INTERVAL_MS) return;
    this.#probedAt = performance.now();
    try {
      await this.#listener?.probe();
    } catch (error) {
      if (error instanceof RequestFailed && error.code === 'timeout') this.#socket.io.engine.close();
    }
  }
}
