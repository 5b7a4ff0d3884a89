import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import {
  type ClientToServer,
  type Command,
  type CommandName,
  type CommandResults,
  PROTOCOL_VERSION,
  type Reply,
  type ReplyError,
  replyError,
  results,
  serverMessages,
  type ServerToClient,
} from '#protocol';
import { scaled } from '../pace.ts';
import { matching } from './matching.ts';

const DEADLINE_MS = 10_000;

/** The connection of one tab, typed by the protocol. Compares every message of the server with its schema. */
export class TabSocket {
  readonly socket: Socket<ServerToClient, ClientToServer>;
  /** Messages that did not match their schemas. */
  readonly #mismatches: unknown[] = [];

  constructor(url: string, token: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      auth: { token, protocol: PROTOCOL_VERSION },
      forceNew: true,
      ...options,
    });
    this.socket.onAny((name: string, message: unknown) => {
      if (name in serverMessages)
        this.#note(() => matching(serverMessages[name as keyof ServerToClient], message, name));
    });
  }

  /** @throws the error with which the server refused the connection, including its `data` */
  connected(): Promise<void> {
    if (this.socket.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
  }

  /**
   * Sends any payload, and resolves to the reply, unchecked.
   * @throws Error if there is no reply in time
   */
  raw(name: string, payload?: unknown, deadlineMs = scaled(DEADLINE_MS)): Promise<Reply<unknown>> {
    const socket = this.socket.timeout(deadlineMs) as unknown as {
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

  /** Sends a command that must fail. @returns its error */
  async refused(name: string, payload?: unknown): Promise<ReplyError> {
    const reply = await this.raw(name, payload);
    if (reply.ok) throw new Error(`${name} was not refused`);
    return matching(replyError, reply.error, `The refusal of ${name}`);
  }

  /** Compares a reply that was received in another way; `compared` throws the mismatch. */
  compare(name: CommandName, reply: Reply<unknown>): void {
    this.#note(() =>
      reply.ok
        ? matching(results[name], reply.data, `The result of ${name}`)
        : matching(replyError, reply.error, `The refusal of ${name}`),
    );
  }

  /** @throws the first mismatch between a message of the server and its schema */
  compared(): void {
    if (this.#mismatches.length > 0) throw this.#mismatches[0];
  }

  #note(check: () => unknown): void {
    try {
      check();
    } catch (error) {
      this.#mismatches.push(error);
    }
  }
}
