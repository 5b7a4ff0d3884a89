import type { Command, ConversationSettings, SendResult } from '#protocol';
import { backoffMs } from '../sync/backoff.ts';
import type { OutboxStorage } from './outbox-storage.ts';
import { randomId } from '../random-id.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { timeOfDay } from '../time-of-day.ts';

/**
 * `waiting`: not sent, or nobody knows whether it arrived. `refused`: the server will not take it as it is.
 * `sent`: acknowledged, until the stream shows it.
 */
export type OutboxStatus = 'waiting' | 'sending' | 'refused' | 'sent';

/** A message on its way. `clientMessageId` makes sending it again harmless (`L6`). */
export interface OutboxEntry {
  readonly clientMessageId: string;
  readonly userId: string;
  readonly conversationId: string;
  readonly text: string;
  /** Of the conversation that it begins. */
  readonly settings?: ConversationSettings;
  readonly createdAt: number;
  readonly status: OutboxStatus;
  readonly messageId?: string;
  readonly error?: { readonly code: RequestFailed['code']; readonly message: string };
}

export type SendMessage = (message: Command<'message:send'>) => Promise<SendResult>;

/** How often an answer like `internal` is tried again before the person is asked. */
const MAX_ATTEMPTS = 5;
/** How long a message that was sent stays here at most, waiting for the stream to show it. */
const SETTLE_MS = 30_000;

/**
 * Messages that the server has not acknowledged. Within a conversation they go one after the other, in the order in
 * which they were written; they outlive a reload and a lost connection.
 */
export class Outbox {
  entries = $state.raw<readonly OutboxEntry[]>([]);
  /** False where the browser keeps nothing: what waits here is lost with the tab. */
  isDurable = $state(true);

  /** Those that the storage held once: one of them that is not there any more was sent or discarded by another tab. */
  readonly #kept = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly storage: OutboxStorage,
    private readonly send: SendMessage,
    /** Called with each entry that the server has taken. */
    private readonly acknowledged: (entry: OutboxEntry) => void,
    /** Who is signed in. */
    private readonly userId: () => string | undefined,
  ) {}

  /** Takes up what the person who is signed in has left behind, and sends it. */
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

  /** Nobody is signed in any more. What waits is with the storage, for its writer or to be forgotten. */
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
   * Puts a message on its way. It is kept before it is sent, so that a tab that dies right now loses nothing.
   * @throws RequestFailed `unauthenticated` when nobody is signed in
   */
  add(message: Pick<OutboxEntry, 'conversationId' | 'text' | 'settings'>): void {
    const userId = this.userId();
    if (userId === undefined) throw new RequestFailed('unauthenticated', 'Nobody is signed in');
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

  /** Takes a message back that was not taken by the server, and returns its text. */
  discard(clientMessageId: string): string {
    const entry = this.#find(clientMessageId);
    if (!entry) return '';
    this.#drop(entry);
    return entry.text;
  }

  /** Sends again what was refused or waits for its turn. */
  retry(clientMessageId: string): void {
    const entry = this.#find(clientMessageId);
    if (!entry) return;
    this.#attempts.delete(clientMessageId);
    this.#change(clientMessageId, { status: 'waiting' });
    void this.#advance(entry.conversationId);
  }

  /**
   * The stream shows the message, in the thread or among those that wait for their turn: the server has it, whatever
   * became of the acknowledgement.
   */
  settle(clientMessageId: string): void {
    const entry = this.#find(clientMessageId);
    if (entry) this.#drop(entry);
  }

  /** The connection is back: everything that waits goes on. */
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

  /** The oldest one that is not done. */
  #nextOf(conversationId: string): OutboxEntry | undefined {
    return this.of(conversationId).find(({ status }) => status === 'waiting');
  }

  /** Returns whether the next one may follow. */
  async #deliver(entry: OutboxEntry): Promise<boolean> {
    const { clientMessageId, conversationId, text, settings } = entry;
    if (this.#kept.has(clientMessageId) && !this.storage.has(entry)) {
      this.#drop(entry);
      return true;
    }
    this.#change(clientMessageId, { status: 'sending' });
    try {
      // While a reply is being written the message waits its turn on the server, where every tab sees it.
      const message = { clientMessageId, conversationId, text, ...(settings && { settings }), queue: true };
      const result = await this.send(message);
      const sent = this.#change(clientMessageId, { status: 'sent', messageId: result.messageId });
      this.#forget(entry);
      if (sent) this.acknowledged(sent);
      // Nobody may be looking at its conversation, so that nobody settles it.
      setTimeout(() => this.settle(clientMessageId), SETTLE_MS);
      return true;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      return this.#failed(entry, error);
    }
  }

  #failed({ clientMessageId, conversationId }: OutboxEntry, error: RequestFailed): boolean {
    const { code, message } = error;
    // With the connection back, `resume` goes on.
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
