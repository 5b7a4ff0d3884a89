import { createClient } from 'redis';
import { type Connection, within } from './lasting-connection.js';

const ANSWER_WITHIN_MS = 5_000;

type Client = ReturnType<typeof clientOf>;

const clientOf = (url: string) =>
  createClient({
    url,
    // Shown by Redis' CLIENT LIST.
    name: 'lockstep',
    // Version 3 of the protocol carries messages and replies on one connection.
    RESP: 3,
    // Commands fail at once while Redis is not connected. Timeouts are set by `within` below.
    disableOfflineQueue: true,
    commandOptions: { timeout: 0 },
    // `LastingConnection` reconnects.
    socket: { reconnectStrategy: false },
  });

/** One connection to Redis, for publishing and for subscriptions. It does not reconnect by itself. */
export class RedisConnection implements Connection {
  private readonly client: Client;

  /** @param lost called with the error that broke the connection, possibly more than once */
  constructor(url: string, lost: (error: unknown) => void) {
    this.client = clientOf(url);
    this.client.on('error', lost);
    this.client.on('end', () => lost(new Error('Redis closed the connection')));
  }

  /** Connects, and checks that the server supports sharded channels. @throws what the client throws */
  async connect(): Promise<void> {
    await this.client.connect();
    await this.client.sPublish('lockstep', '');
  }

  async probe(): Promise<void> {
    await this.client.ping();
  }

  async subscribe(channels: readonly string[], received: (message: string) => void): Promise<void> {
    await within(ANSWER_WITHIN_MS, Promise.all(channels.map((channel) => this.client.sSubscribe(channel, received))));
  }

  async unsubscribe(channel: string): Promise<void> {
    await within(ANSWER_WITHIN_MS, this.client.sUnsubscribe(channel));
  }

  /** Sends all messages in one write. @throws Error when they are not all acknowledged in time */
  async publish(messages: readonly (readonly [channel: string, message: string])[]): Promise<void> {
    const answers = messages.map(([channel, message]) => this.client.sPublish(channel, message));
    await within(ANSWER_WITHIN_MS, Promise.all(answers));
  }

  close(): void {
    this.client.destroy();
  }
}
