import { CannotStart } from '../../config/checks/cannot-start.js';
import type { CommittedBatch } from '../log/committed-batch.js';
import type { Bus, BusEnds } from './bus.js';
import { type BusItem, headerOf } from './bus-message.js';
import { LastingConnection } from './lasting-connection.js';
import { OutgoingQueue } from './outgoing-queue.js';
import { RedisConnection } from './redis-connection.js';

/**
 * The bus over Redis' sharded Pub/Sub (Redis 7 and newer): a channel for each stream, subscribed only while a socket of
 * this process follows it, so that a process receives nothing that it does not need.
 * https://redis.io/docs/latest/develop/pubsub/#sharded-pubsub
 */
export class RedisBus implements Bus {
  private readonly queue = new OutgoingQueue((items) => this.send(items));
  private readonly followed = new Set<string>();
  private readonly header: string;
  private connection: LastingConnection<RedisConnection> | undefined;
  private received: (message: string) => void = () => undefined;

  constructor(
    private readonly url: string,
    private readonly installation: string,
    process: number,
  ) {
    this.header = headerOf(process);
    // The channel without a name is for items about all streams.
    this.followed.add('');
  }

  async start({ received, connected, failed }: BusEnds): Promise<void> {
    this.received = received;
    let refusal: CannotStart | undefined;
    const connection = new LastingConnection<RedisConnection>({
      make: (lost) => new RedisConnection(this.url, lost),
      connected: (redis) => {
        // The subscriptions come first, so that every commit after the following look into the log is received.
        this.carry(
          redis,
          redis.subscribe(
            [...this.followed].map((stream) => this.channelOf(stream)),
            received,
          ),
        );
        this.queue.open();
        connected();
      },
      failed: (error) => {
        this.queue.close();
        refusal = refusalOf(error);
        failed(error);
      },
    });
    this.connection = connection;
    await connection.tried;
    if (!refusal) return;
    this[Symbol.dispose]();
    throw refusal;
  }

  publish(batch: CommittedBatch): void {
    this.queue.add(batch);
  }

  follow(stream: string): void {
    if (this.followed.has(stream)) return;
    this.followed.add(stream);
    const redis = this.connection?.current;
    if (redis) this.carry(redis, redis.subscribe([this.channelOf(stream)], this.received));
  }

  unfollow(stream: string): void {
    if (!this.followed.delete(stream)) return;
    const redis = this.connection?.current;
    if (redis) this.carry(redis, redis.unsubscribe(this.channelOf(stream)));
  }

  [Symbol.dispose](): void {
    this.queue.close();
    this.connection?.[Symbol.dispose]();
  }

  private channelOf(stream: string): string {
    return `lockstep:${this.installation}:${stream}`;
  }

  private async send(items: readonly BusItem[]): Promise<void> {
    const redis = this.connection?.current;
    if (!redis) throw new Error('Redis is not connected');
    const byStream = Map.groupBy(items, (item) => (item.kind === 'many' ? '' : item.stream));
    const messages = [...byStream].map(
      ([stream, some]) => [this.channelOf(stream), this.header + some.map(({ line }) => line).join('\n')] as const,
    );
    const sent = redis.publish(messages);
    this.carry(redis, sent);
    await sent;
  }

  /** Gives up the connection when a command is refused or not answered. */
  private carry(redis: RedisConnection, answer: Promise<unknown>): void {
    answer.catch((error: unknown) => this.connection?.lose(redis, error));
  }
}

/** Errors that do not pass by themselves: a server without sharded channels, or one that refuses the password. */
function refusalOf(error: unknown): CannotStart | undefined {
  const words = error instanceof Error ? error.message : String(error);
  if (/unknown command/i.test(words)) {
    return new CannotStart('REDIS_URL: this Redis has no sharded Pub/Sub. It takes Redis 7 or newer, or Valkey.');
  }
  if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(words)) return new CannotStart(`REDIS_URL: Redis refuses access: ${words}`);
  return undefined;
}
