import { setTimeout as delay } from 'node:timers/promises';
import {
  type Command,
  type CommandName,
  type CommandResults,
  type ConversationView,
  type Reply,
  type StreamEvents,
} from '../../../../src/protocol/index.js';
import { TabSocket } from '../../../../testing/tab/tab-socket.js';
import type { Entry, Recording } from '../../check/recording.js';
import { TabStream } from './tab-stream.js';
import { scaled } from '../../../../testing/pace.js';

const ACK_TIMEOUT_MS = 4_000;
const RETRY_MS = 100;
/** Generous, because a busy machine is not a failure. */
const INSIST_MS = scaled(90_000);

export interface TabOptions {
  readonly name: string;
  readonly port: number;
  readonly token: string;
  /** See `TabStreamOptions`. */
  readonly checkOffsets: boolean;
  /** Whether a batch is lost on its way to this tab. */
  readonly loses?: ((batch: StreamEvents) => boolean) | undefined;
  /** Whether the test has stopped the server and it is not running again: no answer is expected meanwhile. */
  readonly isAway?: (() => boolean) | undefined;
}

/** A command that the server refused for good; `code` is the reply's. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';

  constructor(
    name: string,
    readonly code: string,
  ) {
    super(`${name}: ${code}`);
  }
}

/** One tab of a browser: stays connected, follows streams like a correct page, and records everything. */
export class Tab {
  /** Whether the test has disturbed the current connection: then gaps are expected. */
  isTouched = false;
  private readonly connection: TabSocket;
  private readonly socket: TabSocket['socket'];
  private readonly streams = new Map<string, TabStream>();
  private readonly entries: Entry[] = [];
  private isClosed = false;

  constructor(private readonly options: TabOptions) {
    this.connection = new TabSocket(`http://127.0.0.1:${options.port}`, options.token, {
      timeout: 5_000,
      reconnectionDelay: 30,
      reconnectionDelayMax: 300,
    });
    this.socket = this.connection.socket;
    this.socket.on('connect', () => this.connected());
    this.socket.on('disconnect', (reason) => this.disconnected(reason));
    this.socket.on('connect_error', () => this.refused());
    this.socket.on('stream:events', (batch) => {
      if (!options.loses?.(batch)) this.streams.get(batch.stream)?.receive(batch);
    });
    this.socket.on('stream:heads', ({ epoch, heads }) => {
      for (const { stream, seq } of heads) this.streams.get(stream)?.head(epoch, seq);
    });
    this.socket.on('stream:lagging', ({ stream }) => this.streams.get(stream)?.lagging());
  }

  get isConnected(): boolean {
    return this.socket.connected;
  }

  /**
   * Everything that was recorded. A closed tab has no final state.
   * @throws the first mismatch between what a server said and its schema
   */
  get recording(): Recording {
    this.connection.compared();
    if (this.isClosed) return { tab: this.options.name, entries: this.entries, final: new Map() };
    const followed = [...this.streams.values()].filter(({ cursor }) => cursor !== undefined);
    const final = followed.map(({ name, cursor, view }) => [name, { seq: cursor?.seq ?? 0, view }] as const);
    return { tab: this.options.name, entries: this.entries, final: new Map(final) };
  }

  /** Follows a stream from now on, through reconnects. */
  follow(name: string): TabStream {
    const known = this.streams.get(name);
    if (known) return known;
    const stream: TabStream = new TabStream(name, {
      record: (entry) => this.note({ ...entry, at: Date.now() }),
      subscribe: () => this.subscribe(stream),
      checkOffsets: this.options.checkOffsets,
      isUntouched: () => !this.isTouched,
    });
    this.streams.set(name, stream);
    if (this.socket.connected) this.subscribe(stream);
    return stream;
  }

  /** The cursor of each stream that the tab follows. */
  get cursors(): ReadonlyMap<string, number> {
    return new Map(this.isClosed ? [] : [...this.streams].map(([name, { cursor }]) => [name, cursor?.seq ?? 0]));
  }

  /** Leaves a stream and drops its state. */
  leave(name: string): void {
    this.streams.delete(name);
    if (this.socket.connected) this.socket.emit('stream:unsubscribe', { stream: name }, () => undefined);
  }

  /** The state of a conversation in the tab. */
  viewOf(name: string): ConversationView | undefined {
    return this.streams.get(name)?.view as ConversationView | undefined;
  }

  /** The text of a reply as the tab shows it now. */
  textOf(name: string, messageId?: string): string {
    const view = this.viewOf(name);
    if (view === undefined || view === 'deleted') return '';
    const replies = view.messages.filter(({ role, id }) => role === 'assistant' && (messageId ?? id) === id);
    return replies.at(-1)?.text ?? '';
  }

  /** Sends once. @returns the reply, or `undefined` if there was none */
  async ask<Name extends CommandName>(
    name: Name,
    payload: Command<Name>,
  ): Promise<Reply<CommandResults[Name]> | undefined> {
    try {
      const reply = await this.connection.raw(name, payload, ACK_TIMEOUT_MS);
      this.connection.compare(name, reply);
      return reply as Reply<CommandResults[Name]>;
    } catch (error) {
      // Without an acknowledgement it is not known whether the command was carried out.
      this.isTouched ||= !(error instanceof Error);
      return undefined;
    }
  }

  /**
   * Repeats a command until the server answers, across reconnects, like the outbox of a page.
   * @throws CommandRefused when the error is not retryable; Error after `deadlineMs`
   */
  async insist<Name extends CommandName>(
    name: Name,
    payload: Command<Name>,
    deadlineMs = INSIST_MS,
  ): Promise<CommandResults[Name]> {
    let deadline = Date.now() + deadlineMs;
    const failures = new Map<string, number>();
    let wasConnected = true;
    const note = (what: string): unknown => failures.set(what, (failures.get(what) ?? 0) + 1);
    for (;;) {
      if (!this.socket.connected && this.options.isAway?.()) deadline = Date.now() + deadlineMs;
      if (this.isClosed || Date.now() >= deadline) break;
      if (!this.socket.connected) {
        if (wasConnected) note('not connected');
        wasConnected = false;
        await delay(10);
        continue;
      }
      wasConnected = true;
      const reply = await this.ask(name, payload);
      if (reply?.ok) return reply.data;
      note(reply?.error.code ?? 'no reply');
      if (reply && !reply.error.retryable) throw new CommandRefused(name, reply.error.code);
      await delay(Math.min(reply?.error.retryAfterMs ?? RETRY_MS, 1_000));
    }
    const inWords = [...failures].map(([what, times]) => `${times} x ${what}`).join(', ');
    throw new Error(`${name} was not answered within ${deadlineMs} ms (${inWords})`);
  }

  /** Breaks the connection from this side; the tab reconnects by itself. */
  breakConnection(): void {
    this.isTouched = true;
    this.socket.io.engine.close();
  }

  /** Closes the tab for good. */
  close(): void {
    this.isClosed = true;
    this.socket.close();
    for (const stream of this.streams.values()) stream.suspend();
  }

  private note(entry: Entry): void {
    this.entries.push(entry);
  }

  private connected(): void {
    this.note({ kind: 'connected', at: Date.now() });
    for (const stream of this.streams.values()) {
      stream.forgetPending();
      this.subscribe(stream);
    }
  }

  private disconnected(reason: string): void {
    this.note({ kind: 'disconnected', at: Date.now() });
    for (const stream of this.streams.values()) stream.suspend();
    // Socket.IO's client does not reconnect by itself after the server has disconnected it.
    if (reason === 'io server disconnect' && !this.isClosed) this.socket.connect();
  }

  /** Retries a refused connection, which Socket.IO's client does not do by itself. */
  private refused(): void {
    if (this.socket.active || this.isClosed) return;
    setTimeout(() => {
      if (!this.isClosed) this.socket.connect();
    }, RETRY_MS);
  }

  private subscribe(stream: TabStream): void {
    if (!this.socket.connected) return;
    const { id } = this.socket;
    const { cursor } = stream;
    const payload = { stream: stream.name, ...(cursor && { after: cursor }) };
    // A callback instead of a promise: the acknowledgement must be applied before the next message on the wire.
    this.socket.timeout(ACK_TIMEOUT_MS).emit('stream:subscribe', payload, (error, reply) => {
      if (!error) this.connection.compare('stream:subscribe', reply);
      // The stream was left and followed again meanwhile: this answer belongs to the old subscription.
      if (id !== this.socket.id || this.streams.get(stream.name) !== stream) return;
      if (!error && reply.ok) return stream.subscribed(reply.data);
      if (!error && !reply.ok && !reply.error.retryable) return;
      setTimeout(() => {
        if (id === this.socket.id && !stream.isLive) this.subscribe(stream);
      }, RETRY_MS);
    });
  }
}
