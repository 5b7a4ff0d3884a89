import { createClient } from 'redis';
import { type Connection, within } from './lasting-connection.js';

const ANSWER_WITHIN_MS = 5_000;

type Client = ReturnType<typeof clientOf>;

const clientOf = (url: string) =>
  createClient({
    url,
    // For those who look at the connections of Redis.
    name: 'lockstep',
    // Version 3 of its protocol carries messages and answers on one connection.
    RESP: 3,
    // What is to be sent while it is away is let go, and a command needs no timer of its own.
    disableOfflineQueue: true,
    commandOptions: { timeout: 0 },
    // Whoever holds the connection makes it anew.
    socket: { reconnectStrategy: false },
  });

/** One connection to Redis, for publishing and for subscriptions; not made again when it breaks. */
export class RedisConnection implements Connection {
  private readonly client: Client;

  /** @param lost called with what broke it, perhaps more than once */
  constructor(url: string, lost: (error: unknown) => void) {
    this.client = clientOf(url);
    this.client.on('error', lost);
    this.client.on('end', () => lost(new Error('Redis closed the connection')));
  }

  /** Connects, and finds out whether sharded channels are to be had. @throws what the client throws */
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

  /** Sends all messages in one write. @throws Error when not all were taken in time */
  async publish(messages: readonly (readonly [channel: string, message: string])[]): Promise<void> {
    const answers = messages.map(([channel, message]) => this.client.sPublish(channel, message));
    await within(ANSWER_WITHIN_MS, Promise.all(answers));
  }

  close(): void {
    this.client.destroy();
  }
}
