import type { Command, ConversationSettings, SendResult } from '#protocol';
import { backoffMs } from '../sync/backoff.ts';
import type { OutboxStorage } from './outbox-storage.ts';
import { randomId } from '../random-id.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { timeOfDay } from '../time-of-day.ts';

/**
 * `waiting`: not sent, or possibly sent without an acknowledgement. `refused`: the server refused it permanently.
 * `sent`: acknowledged, but not yet shown by the stream.
 */
export type OutboxStatus = 'waiting' | 'sending' | 'refused' | 'sent';

/** A message to be sent. `clientMessageId` makes sending it again harmless (`L6`). */
export interface OutboxEntry {
  readonly clientMessageId: string;
  readonly userId: string;
  readonly conversationId: string;
  readonly text: string;
  /** For the conversation that this message begins. */
  readonly settings?: ConversationSettings;
  readonly createdAt: number;
  readonly status: OutboxStatus;
  readonly messageId?: string;
  readonly error?: { readonly code: RequestFailed['code']; readonly message: string };
}

export type SendMessage = (message: Command<'message:send'>) => Promise<SendResult>;

/** How often an answer like `internal` is tried again before the message counts as refused. */
const MAX_ATTEMPTS = 5;
/** How long an acknowledged message stays here at most until the stream shows it. */
const SETTLE_MS = 30_000;

/**
 * Messages that the server has not acknowledged. Those of one conversation are sent in sequence, in the order in which
 * they were written; they survive a reload and a lost connection.
 */
export class Outbox {
  entries = $state.raw<readonly OutboxEntry[]>([]);
  /** False if the browser cannot store a message: then it is lost with the tab. */
  isDurable = $state(true);

  /** Ids of stored messages: one that has left the storage was sent or discarded by another tab. */
  readonly #kept = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly storage: OutboxStorage,
    private readonly send: SendMessage,
    /** Called with each entry that the server has acknowledged. */
    private readonly acknowledged: (entry: OutboxEntry) => void,
    /** The id of the user who is signed in. */
    private readonly userId: () => string | undefined,
  ) {}

  /** Loads the stored messages of the user who is signed in, and sends them. */
  open(): void {
    const userId = this.userId();
    if (userId === undefined) return;
    const known = new Set(this.entries.map((entry) => entry.clientMessageId));
    const restored = this.storage
      .load(userId)
      .filter((entry) => !known.has(entry.clientMessageId))
      .map((entry): OutboxEntry => (entry.status === 'refused' ? entry : { ...entry, status: 'waiting' }));
    for (const { clientMessageId } of restored) this.#kept.add(clientMessageId);
    this.entries = [...restored, ...this.entries].sort((one, other) => one.createdAt - other.createdAt);
    this.resume();
  }

  /** Call it when the user has signed out. The storage keeps unsent messages until they are sent or forgotten. */
  close(): void {
    this.entries = [];
    this.#kept.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  of(conversationId: string): readonly OutboxEntry[] {
    return this.entries.filter((entry) => entry.conversationId === conversationId);
  }

  /**
   * Sends a message. It is stored first, so that nothing is lost if the tab dies now.
   * @throws RequestFailed `unauthenticated` without a user
   */
  add(message: Pick<OutboxEntry, 'conversationId' | 'text' | 'settings'>): void {
    const userId = this.userId();
    if (userId === undefined) throw new RequestFailed('unauthenticated', 'No user is signed in');
    const entry: OutboxEntry = {
      ...message,
      clientMessageId: randomId(),
      userId,
      createdAt: timeOfDay(),
      status: 'waiting',
    };
    this.isDurable = this.storage.put(entry);
    if (this.isDurable) this.#kept.add(entry.clientMessageId);
    this.entries = [...this.entries, entry];
    void this.#advance(entry.conversationId);
  }

  /** Removes a message that the server has not acknowledged, and returns its text. */
  discard(clientMessageId: string): string {
    const entry = this.#find(clientMessageId);
    if (!entry) return '';
    this.#drop(entry);
    return entry.text;
  }

  /** Sends a refused or waiting message again. */
  retry(clientMessageId: string): void {
    const entry = this.#find(clientMessageId);
    if (!entry) return;
    this.#attempts.delete(clientMessageId);
    this.#change(clientMessageId, { status: 'waiting' });
    void this.#advance(entry.conversationId);
  }

  /**
   * Call it when the stream shows the message, in the thread or in the queue: the server has it, with or without an
   * acknowledgement.
   */
  settle(clientMessageId: string): void {
    const entry = this.#find(clientMessageId);
    if (entry) this.#drop(entry);
  }

  /** Call it when the connection is back: sends everything that waits. */
  resume(): void {
    for (const id of new Set(this.entries.map((entry) => entry.conversationId))) void this.#advance(id);
  }

  async #advance(conversationId: string): Promise<void> {
    if (this.#busy.has(conversationId)) return;
    this.#busy.add(conversationId);
    clearTimeout(this.#timers.get(conversationId));
    try {
      let next = this.#nextOf(conversationId);
      while (next && (await this.#deliver(next))) next = this.#nextOf(conversationId);
    } finally {
      this.#busy.delete(conversationId);
    }
  }

  /** The oldest message that waits. */
  #nextOf(conversationId: string): OutboxEntry | undefined {
    return this.of(conversationId).find(({ status }) => status === 'waiting');
  }

  /** Returns whether the next message may be sent. */
  async #deliver(entry: OutboxEntry): Promise<boolean> {
    const { clientMessageId, conversationId, text, settings } = entry;
    if (this.#kept.has(clientMessageId) && !this.storage.has(entry)) {
      this.#drop(entry);
      return true;
    }
    this.#change(clientMessageId, { status: 'sending' });
    try {
      // While a reply is being written, the server queues the message, so that every tab sees it.
      const message = { clientMessageId, conversationId, text, ...(settings && { settings }), queue: true };
      const result = await this.send(message);
      const sent = this.#change(clientMessageId, { status: 'sent', messageId: result.messageId });
      this.#forget(entry);
      if (sent) this.acknowledged(sent);
      // If the conversation is not open, no stream settles the message.
      setTimeout(() => this.settle(clientMessageId), SETTLE_MS);
      return true;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      return this.#failed(entry, error);
    }
  }

  #failed({ clientMessageId, conversationId }: OutboxEntry, error: RequestFailed): boolean {
    const { code, message } = error;
    // `resume` continues when the connection is back.
    if (code === 'disconnected' || code === 'unauthenticated') {
      this.#change(clientMessageId, { status: 'waiting' });
      return false;
    }
    const attempt = (this.#attempts.get(clientMessageId) ?? 0) + 1;
    this.#attempts.set(clientMessageId, attempt);
    if (!error.isRetryable || (attempt >= MAX_ATTEMPTS && code === 'internal')) {
      const refused = this.#change(clientMessageId, { status: 'refused', error: { code, message } });
      if (refused) this.storage.put(refused);
      return true;
    }
    this.#change(clientMessageId, { status: 'waiting' });
    const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(attempt));
    this.#timers.set(
      conversationId,
      setTimeout(() => void this.#advance(conversationId), waitMs),
    );
    return false;
  }

  #drop(entry: OutboxEntry): void {
    this.entries = this.entries.filter(({ clientMessageId }) => clientMessageId !== entry.clientMessageId);
    this.#forget(entry);
  }

  #forget(entry: OutboxEntry): void {
    this.storage.remove(entry);
    this.#kept.delete(entry.clientMessageId);
  }

  #find(clientMessageId: string): OutboxEntry | undefined {
    return this.entries.find((entry) => entry.clientMessageId === clientMessageId);
  }

  #change(clientMessageId: string, change: Partial<OutboxEntry>): OutboxEntry | undefined {
    this.entries = this.entries.map((entry) =>
      entry.clientMessageId === clientMessageId ? { ...entry, ...change } : entry,
    );
    return this.#find(clientMessageId);
  }
}
