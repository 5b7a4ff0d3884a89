import { setTimeout as delay } from 'node:timers/promises';
import type { ManagerOptions, SocketOptions } from 'socket.io-client';
import type { ChatEvent, Cursor, ServerToClient, StreamEvent, SubscribeResult } from '../../src/protocol/index.js';
import { TabSocket } from '../../testing/tab/tab-socket.js';
import { scaled } from '../../testing/pace.js';

const DEADLINE_MS = 10_000;

type DataOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>['data'];

/** One tab: sends commands and records everything that it receives, in order. It does not reconnect. */
export class TestClient extends TabSocket {
  readonly heads: Parameters<ServerToClient['stream:heads']>[0][] = [];
  disconnectReason: string | undefined;
  /** The live events, by stream. */
  private readonly live = new Map<string, StreamEvent[]>();

  constructor(url: string, token: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    super(url, token, { reconnection: false, ...options });
    this.socket.on('stream:events', ({ stream, events }) => this.eventsOf(stream).push(...events));
    this.socket.on('stream:heads', (heads) => this.heads.push(heads));
    this.socket.on('disconnect', (reason) => (this.disconnectReason = reason));
  }

  /** The live events of a stream so far. */
  eventsOf(stream: string): StreamEvent[] {
    const known = this.live.get(stream);
    if (known) return known;
    const fresh: StreamEvent[] = [];
    this.live.set(stream, fresh);
    return fresh;
  }

  subscribe(stream: string, after?: Cursor): Promise<SubscribeResult> {
    return this.command('stream:subscribe', { stream, ...(after && { after }) });
  }

  /**
   * Subscribes from the beginning of a stream: `event` also finds what happened before, such as the first words of a
   * reply that was quicker than the subscription.
   */
  async follow(stream: string): Promise<void> {
    const { epoch } = await this.subscribe(stream);
    const before = await this.subscribe(stream, { epoch, seq: 0 });
    if (before.mode !== 'events') throw new Error(`The first events of ${stream} are not kept any more`);
    const live = this.eventsOf(stream);
    const first = live[0]?.seq ?? Infinity;
    live.unshift(...before.events.filter(({ seq }) => seq < first));
  }

  /** The data of the first live event of a stream that matches, received already or until the deadline. */
  async event<Type extends ChatEvent['type']>(
    stream: string,
    type: Type,
    fits: (data: DataOf<Type>) => boolean = () => true,
  ): Promise<DataOf<Type>> {
    const find = () => this.eventsOf(stream).find((event) => event.type === type && fits(event.data as DataOf<Type>));
    const { data } = await until(find, `${type} on ${stream}`);
    return data as DataOf<Type>;
  }

  /** @throws the first mismatch between a message of the server and its schema */
  close(): void {
    this.socket.close();
    this.compared();
  }
}

/** Calls `ask` repeatedly until the result is neither `undefined` nor `false`. The deadline is for a quiet machine. */
export async function until<T>(
  ask: () => T | Promise<T>,
  what: string,
  deadlineMs = DEADLINE_MS,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + scaled(deadlineMs);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > deadline) throw new Error(`Not within ${scaled(deadlineMs)} ms: ${what}`);
    await delay(10);
  }
}
