import { setTimeout as delay } from 'node:timers/promises';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { expect } from '@jest/globals';
import type { z } from 'zod';
import {
  type ChatEvent,
  type ClientToServer,
  type Command,
  type CommandName,
  type CommandResults,
  type Cursor,
  type Reply,
  type ReplyError,
  replyError,
  results,
  serverMessages,
  type ServerToClient,
  type StreamEvent,
  type SubscribeResult,
} from '../../src/protocol/index.js';
import { scaled } from './pace.js';

const DEADLINE_MS = 10_000;

type DataOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>['data'];

/** One tab: sends commands and records everything that it receives, in order. */
export class TestClient {
  readonly socket: Socket<ServerToClient, ClientToServer>;
  /** Live events, by stream. */
  private readonly told = new Map<string, StreamEvent[]>();
  /** Messages of the server that do not match `serverMessages`. */
  private readonly mismatches: unknown[] = [];
  readonly heads: Parameters<ServerToClient['stream:heads']>[0][] = [];
  disconnectReason: string | undefined;

  constructor(url: string, token: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      auth: { token, protocol: 1 },
      reconnection: false,
      forceNew: true,
      ...options,
    });
    this.socket.on('stream:events', ({ stream, events }) => this.eventsOf(stream).push(...events));
    this.socket.on('stream:heads', (heads) => this.heads.push(heads));
    this.socket.onAny((name: string, message: unknown) => {
      try {
        if (name in serverMessages) matching(serverMessages[name as keyof ServerToClient], message, name);
      } catch (error) {
        this.mismatches.push(error);
      }
    });
    this.socket.on('disconnect', (reason) => (this.disconnectReason = reason));
  }

  /** @throws the error with which the server refused the connection, including its `data` */
  connected(): Promise<void> {
    if (this.socket.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
  }

  /** The live events of a stream so far. */
  eventsOf(stream: string): StreamEvent[] {
    const known = this.told.get(stream);
    if (known) return known;
    const fresh: StreamEvent[] = [];
    this.told.set(stream, fresh);
    return fresh;
  }

  /** Sends any payload; returns the reply unchecked. */
  raw(name: string, payload?: unknown): Promise<Reply<unknown>> {
    const socket = this.socket.timeout(scaled(DEADLINE_MS)) as unknown as {
      emitWithAck(event: string, ...payloads: unknown[]): Promise<Reply<unknown>>;
    };
    return payload === undefined ? socket.emitWithAck(name) : socket.emitWithAck(name, payload);
  }

  /** @throws an Error with the reply's error as `cause` when the server refuses */
  async command<Name extends CommandName>(name: Name, payload: Command<Name>): Promise<CommandResults[Name]> {
    const reply = await this.raw(name, payload);
    if (!reply.ok) throw new Error(`${name}: ${reply.error.code}`, { cause: reply.error });
    return matching(results[name], reply.data, `The result of ${name}`) as CommandResults[Name];
  }

  /** The error of a command that must fail. */
  async refused(name: string, payload?: unknown): Promise<ReplyError> {
    const reply = await this.raw(name, payload);
    if (reply.ok) throw new Error(`${name} was not refused`);
    return matching(replyError, reply.error, `The refusal of ${name}`);
  }

  subscribe(stream: string, after?: Cursor): Promise<SubscribeResult> {
    return this.command('stream:subscribe', { stream, ...(after && { after }) });
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
    if (this.mismatches.length > 0) throw this.mismatches[0];
  }
}

/** Checks a message of the server against its schema; no key may be missing or added. */
function matching<Schema extends z.ZodType>(schema: Schema, said: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw new Error(`${what} is not as its schema says: ${parsed.error.message}`);
  // Views allow unknown keys for older clients; the server itself must not send any that the contract does not name.
  expect(parsed.data).toEqual(said);
  return parsed.data;
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
