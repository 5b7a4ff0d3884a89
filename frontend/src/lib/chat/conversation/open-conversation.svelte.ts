import type {
  BranchMessage,
  Conversation,
  ConversationEvent,
  ConversationSettings,
  ConversationState,
  ConversationView,
  Page,
  Rating,
} from '#protocol';
import { api, connection, drafts, onAcknowledged, outbox, streams } from '#lib/client.ts';
import type { OutboxEntry } from '#lib/outbox/outbox.svelte.ts';
import { randomId } from '#lib/random-id.ts';
import { type RequestFailed, sentenceOf } from '#lib/http/request-failed.ts';
import type { StreamHandle } from '#lib/sync/streams.svelte.ts';
import { MessageQueue } from '../waiting/message-queue.svelte.ts';
import { type EarlierMessages, slideWindow } from '../thread/message-window.ts';

/** Page sizes for scrolling and for jumping to an old message; the second is the server's maximum. */
const PAGE_SIZE = 100;
const LEAP_SIZE = 200;

/** `new`: its first message is being sent. `gone`: deleted, or never visible to this user. */
export type ConversationPhase = 'loading' | 'new' | 'open' | 'gone' | 'refused';

/** The conversation in view: its messages, its unsent messages, and its actions. */
export class OpenConversation {
  isLoadingEarlier = $state(false);
  earlierFailure = $state<string | undefined>(undefined);
  /** True when it was deleted while it was open. */
  wasOpen = $state(false);

  /** The message to scroll to: a new object each time, so that the same message can be revealed twice. */
  revealed = $state.raw<{ readonly messageId: string }>();

  #earlier = $state.raw<EarlierMessages>({ messages: [], hasMore: false });
  #before: ConversationState | undefined;
  #isClosed = false;
  #loading: Promise<void> | undefined;
  /** Resolved when the messages are loaded, or never will be. */
  readonly #arrived = Promise.withResolvers<void>();
  /** Resolved with the next change. */
  #change: PromiseWithResolvers<void> | undefined;
  readonly #handle: StreamHandle<ConversationView, ConversationEvent>;
  readonly #forgetAcknowledged: () => void;

  readonly #view: ConversationView | undefined = $derived.by(() => this.#handle.reader.view);
  readonly #state: ConversationState | undefined = $derived(this.#view === 'deleted' ? undefined : this.#view);
  readonly conversation: Conversation | undefined = $derived(this.#state?.conversation);
  readonly messages: readonly BranchMessage[] = $derived([...this.#earlier.messages, ...(this.#state?.messages ?? [])]);
  readonly firstId: string | undefined = $derived(this.messages[0]?.id);
  readonly hasEarlier = $derived(this.#earlier.hasMore);
  /** The reply that is being written, if any. */
  readonly running: BranchMessage | undefined = $derived(
    this.#state?.messages.findLast(({ status }) => status === 'streaming'),
  );
  readonly queue = new MessageQueue(() => this.#state);
  /** Messages of this tab that the stream does not show yet. */
  readonly waiting: readonly OutboxEntry[] = $derived.by(() => {
    const entries = outbox.of(this.id);
    // Evaluated with each token of a reply, and a conversation may be long.
    if (entries.length === 0) return entries;
    const known = [...this.messages, ...this.queue.items];
    const shown = new Set(known.flatMap(({ id, clientMessageId }) => [id, clientMessageId ?? '']));
    return entries.filter(
      ({ clientMessageId, messageId }) => !shown.has(clientMessageId) && !(messageId && shown.has(messageId)),
    );
  });
  /** Before the conversation exists, the settings of its first message. */
  readonly settings: ConversationSettings = $derived.by(
    () => this.conversation?.settings ?? outbox.of(this.id)[0]?.settings ?? {},
  );
  readonly refusal: RequestFailed | undefined = $derived.by(() => this.#handle.reader.refusal);
  readonly phase: ConversationPhase = $derived.by(() => {
    if (this.#view === 'deleted') return 'gone';
    if (this.#handle.reader.phase === 'refused') {
      if (this.refusal?.code !== 'not_found') return 'refused';
      // The first message creates the conversation: until then the server answers `not_found`.
      if (this.wasOpen) return 'gone';
      return outbox.of(this.id).length > 0 ? 'new' : 'gone';
    }
    if (this.#state) return 'open';
    return outbox.of(this.id).length > 0 ? 'new' : 'loading';
  });

  constructor(readonly id: string) {
    this.#handle = streams.conversation(id, {
      event: (event) => this.#onEvent(event),
      snapshot: () => this.#refreshed(),
    });
    this.#refreshed();
    this.#forgetAcknowledged = onAcknowledged((conversationId) => {
      if (conversationId === id && this.#handle.reader.phase === 'refused') this.#handle.reader.resubscribe();
    });
  }

  /** Subscribes again after an event showed that the conversation exists. */
  lookAgain(): void {
    if (this.phase === 'gone') this.#handle.reader.resubscribe();
  }

  close(): void {
    this.#isClosed = true;
    this.#change?.resolve();
    this.#arrived.resolve();
    this.#forgetAcknowledged();
    this.#handle.close();
  }

  /** Fetches the page of messages before the first one here. */
  loadEarlier(limit = PAGE_SIZE): Promise<void> {
    this.#loading ??= this.#loadPage(limit).finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  /** Fetches a larger page of earlier messages. */
  loadFurther(): Promise<void> {
    return this.loadEarlier(LEAP_SIZE);
  }

  /** Fetches all earlier messages; on failure `earlierFailure` says why. */
  async loadAll(): Promise<void> {
    await this.#arrived.promise;
    do await this.loadFurther();
    while (this.hasEarlier && this.earlierFailure === undefined && !this.#isClosed);
  }

  /** Scrolls to the first message of this branch. */
  async leadToFirst(): Promise<void> {
    await this.loadAll();
    if (this.firstId !== undefined) await this.reveal(this.firstId);
  }

  /**
   * Scrolls to a message of this branch, however old it is.
   * @returns false when the branch does not have it, or fetching failed: then `earlierFailure` says why
   */
  async reveal(messageId: string): Promise<boolean> {
    await this.#arrived.promise;
    while (!this.messages.some(({ id }) => id === messageId)) {
      const before = this.firstId;
      await this.loadEarlier(LEAP_SIZE);
      if (this.firstId === before) return false;
    }
    this.revealed = { messageId };
    return true;
  }

  /** Scrolls to a message of any branch; a branch that is not in view is chosen first, in every tab. */
  async lead(messageId: string): Promise<void> {
    if ((await this.reveal(messageId)) || this.earlierFailure !== undefined || this.#isClosed) return;
    const change = { conversationId: this.id, leafId: messageId };
    const { leafId } = await connection.send('conversation:update', change);
    await this.#shows(leafId);
    await this.reveal(messageId);
  }

  /** A command may be acknowledged before its event arrives. */
  async #shows(leafId: string | null): Promise<void> {
    while (!this.#isClosed && this.conversation?.leafId !== leafId) {
      this.#change ??= Promise.withResolvers<void>();
      await this.#change.promise;
    }
  }

  async #loadPage(limit: number): Promise<void> {
    const before = this.firstId;
    if (before === undefined || !this.hasEarlier || this.#isClosed) return;
    this.isLoadingEarlier = true;
    this.earlierFailure = undefined;
    try {
      const query = new URLSearchParams({ before, limit: String(limit) });
      const page = await api.get<Page<BranchMessage>>(`/api/conversations/${this.id}/messages?${query.toString()}`);
      // Another branch may have been chosen during the request: this page does not belong to it.
      if (this.firstId !== before) return;
      this.#earlier = { messages: [...page.items, ...this.#earlier.messages], hasMore: page.nextCursor !== null };
    } catch (error) {
      this.earlierFailure = sentenceOf(error);
    } finally {
      this.isLoadingEarlier = false;
    }
  }

  /** Stops the reply that is being written; its text so far is kept. */
  async stop(): Promise<void> {
    const runId = this.running?.runId;
    if (runId) await connection.send('run:stop', { runId });
  }

  /** Requests another reply as a sibling of this one. */
  async regenerate(messageId: string): Promise<void> {
    await connection.send('message:regenerate', { clientMessageId: randomId(), messageId });
  }

  /** Requests a continuation of a reply that ended early, in the same message. */
  async continueReply(messageId: string): Promise<void> {
    await connection.send('message:continue', { clientMessageId: randomId(), messageId });
  }

  /** Rates a reply; `null` removes the rating. */
  async rate(messageId: string, rating: Rating | null): Promise<void> {
    await connection.send('message:rate', { messageId, rating });
  }

  /** Adds an edited version of a message as a sibling, and requests a reply to it. */
  async edit(messageId: string, text: string): Promise<void> {
    await connection.send('message:edit', { clientMessageId: randomId(), messageId, text });
  }

  /** Replaces all settings, from the next reply on. */
  async configure(settings: ConversationSettings): Promise<void> {
    await connection.send('conversation:update', { conversationId: this.id, settings });
  }

  /** Shows the branch that goes through this message. */
  async choose(messageId: string): Promise<void> {
    await connection.send('conversation:update', { conversationId: this.id, leafId: messageId });
  }

  #onEvent(event: ConversationEvent): void {
    if (event.type === 'run.delta') return;
    if (event.type === 'draft.changed') drafts.onRemoteEdit(this.id, event.data);
    // The view is updated once a frame: a message that is added and removed within a frame shows up only here.
    if (event.type === 'queue.added' || event.type === 'message.added') {
      const { clientMessageId } = event.data.message;
      if (clientMessageId) outbox.settle(clientMessageId);
    }
    this.#changed();
  }

  #refreshed(): void {
    const { view } = this.#handle.reader;
    if (view && view !== 'deleted') drafts.found(this.id, view.draft);
    this.#changed();
  }

  #changed(): void {
    const { view } = this.#handle.reader;
    if (!view || view === 'deleted') return;
    this.wasOpen = true;
    this.#arrived.resolve();
    this.#earlier = slideWindow(this.#earlier, this.#before, view);
    this.#before = view;
    this.#change?.resolve();
    this.#change = undefined;
    for (const { clientMessageId } of [...view.messages, ...view.queue]) {
      if (clientMessageId) outbox.settle(clientMessageId);
    }
  }
}
