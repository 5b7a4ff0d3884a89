import {
  ADMIN_STREAM,
  type AdminEvent,
  type AdminState,
  type ChatEvent,
  type ConversationEvent,
  conversationStream,
  type ConversationView,
  type Role,
  type ServerToClient,
  type TeamEvent,
  type TeamState,
  teamStream,
  type UserEvent,
  type UserState,
  userStream,
} from '#protocol';
import { adminKind, conversationKind, type StreamKind, teamKind, userKind } from './stream-kind.ts';
import { type StreamListener, StreamReader, type StreamTransport } from './stream-reader.svelte.ts';

/** A shared reader. `close` it when it is no longer used; closing the last handle unsubscribes. */
export interface StreamHandle<View, Event extends ChatEvent> {
  readonly reader: StreamReader<View, Event>;
  close(): void;
}

/** Schedules the flush of all readers, once per frame. */
export type Schedule = (work: () => void) => void;

const PROBE_TIMEOUT_MS = 4000;

/** Every stream that this tab follows. Several users of one stream share its reader. */
export class Streams {
  readonly #readers = new Map<string, { reader: AnyReader; users: number }>();
  #isFlushing = false;

  constructor(
    private readonly transport: StreamTransport,
    private readonly schedule: Schedule,
  ) {}

  conversation(id: string, listener?: StreamListener<ConversationEvent>) {
    return this.#open<ConversationView, ConversationEvent>(conversationStream(id), conversationKind, listener);
  }

  user(id: string, listener?: StreamListener<UserEvent>) {
    return this.#open<UserState, UserEvent>(userStream(id), userKind, listener);
  }

  /** What admins have set for everybody with this role; readable only by those who have it. */
  team(role: Role, listener?: StreamListener<TeamEvent>) {
    return this.#open<TeamState, TeamEvent>(teamStream(role), teamKind, listener);
  }

  /** Admins only; others are refused with `forbidden`. */
  admin(listener?: StreamListener<AdminEvent>) {
    return this.#open<AdminState, AdminEvent>(ADMIN_STREAM, adminKind, listener);
  }

  /** Call it on a new connection: subscribes all streams, each from its cursor. */
  connected(): void {
    for (const { reader } of this.#readers.values()) subscribe(reader);
  }

  disconnected(): void {
    for (const { reader } of this.#readers.values()) {
      // What has arrived counts: the last event may say why the connection was closed.
      reader.flush();
      reader.suspend();
    }
  }

  events: ServerToClient['stream:events'] = (batch) => this.#readers.get(batch.stream)?.reader.receive(batch);

  heads: ServerToClient['stream:heads'] = ({ epoch, heads }) => {
    for (const { stream, seq } of heads) this.#readers.get(stream)?.reader.head(epoch, seq);
  };

  lagging: ServerToClient['stream:lagging'] = ({ stream }) => this.#readers.get(stream)?.reader.resubscribe();

  /** Subscribes one stream again with a short timeout: proves that the connection is alive, or throws `timeout`. */
  async probe(): Promise<void> {
    const [first] = this.#readers.values();
    if (first) await first.reader.subscribe(PROBE_TIMEOUT_MS);
  }

  #open<View, Event extends ChatEvent>(
    stream: string,
    kind: StreamKind<View, Event>,
    listener: StreamListener<Event> | undefined,
  ): StreamHandle<View, Event> {
    let entry = this.#readers.get(stream);
    if (!entry) {
      const made = new StreamReader(stream, kind, this.transport, this.#requestFlush);
      entry = { reader: made as unknown as AnyReader, users: 0 };
      this.#readers.set(stream, entry);
      subscribe(entry.reader);
    }
    // The name of a stream determines its kind, so the reader has the type with which it was created.
    const reader = entry.reader as unknown as StreamReader<View, Event>;
    entry.users++;
    const forget = listener && reader.listen(listener);
    let isOpen = true;
    return {
      reader,
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        forget?.();
        this.#leave(stream);
      },
    };
  }

  #leave(stream: string): void {
    const entry = this.#readers.get(stream);
    if (!entry || --entry.users > 0) return;
    this.#readers.delete(stream);
    entry.reader.close();
  }

  readonly #requestFlush = (): void => {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.schedule(() => {
      this.#isFlushing = false;
      for (const { reader } of this.#readers.values()) reader.flush();
    });
  };
}

type AnyReader = StreamReader<unknown, ChatEvent>;

function subscribe(reader: AnyReader): void {
  // The reader stores the error, and tries again if that makes sense.
  reader.subscribe().catch((error: unknown) => console.debug(`${reader.stream} is not subscribed yet`, error));
}
