import type {
  BranchMessage,
  Conversation,
  ConversationEvent,
  ConversationState,
  ConversationView,
  Page,
  Rating,
} from '#protocol';
import { api, connection, onAcknowledged, outbox, streams } from '../client.ts';
import type { OutboxEntry } from '../outbox.svelte.ts';
import { type RequestFailed, sentenceOf } from '../request-failed.ts';
import type { StreamHandle } from '../streams.svelte.ts';
import { type EarlierMessages, slideWindow } from './message-window.ts';

const PAGE_SIZE = 50;

/** `new`: its first message is on the way. `gone`: deleted, or never there for this person. */
export type ConversationPhase = 'loading' | 'new' | 'open' | 'gone' | 'refused';

/** The conversation in view: its messages, what waits to be sent, and what can be done with it. */
export class OpenConversation {
  isLoadingEarlier = $state(false);
  earlierFailure = $state<string | undefined>(undefined);
  /** True when it was deleted under the reader's eyes. */
  wasOpen = $state(false);

  #earlier = $state.raw<EarlierMessages>({ messages: [], hasMore: false });
  #before: ConversationState | undefined;
  readonly #handle: StreamHandle<ConversationView, ConversationEvent>;
  readonly #forgetAcknowledged: () => void;

  readonly #view: ConversationView | undefined = $derived.by(() => this.#handle.reader.view);
  readonly #state: ConversationState | undefined = $derived(this.#view === 'deleted' ? undefined : this.#view);
  readonly conversation: Conversation | undefined = $derived(this.#state?.conversation);
  readonly messages: readonly BranchMessage[] = $derived([...this.#earlier.messages, ...(this.#state?.messages ?? [])]);
  readonly hasEarlier = $derived(this.#earlier.hasMore);
  /** The reply that is being written, if one is. */
  readonly running: BranchMessage | undefined = $derived(
    this.#state?.messages.findLast(({ status }) => status === 'streaming'),
  );
  /** Messages of this tab that the stream does not show yet. */
  readonly waiting: readonly OutboxEntry[] = $derived.by(() => {
    const shown = new Set(this.messages.flatMap(({ id, clientMessageId }) => [id, clientMessageId ?? '']));
    return outbox
      .of(this.id)
      .filter(({ clientMessageId, messageId }) => !shown.has(clientMessageId) && !(messageId && shown.has(messageId)));
  });
  readonly refusal: RequestFailed | undefined = $derived.by(() => this.#handle.reader.refusal);
  readonly phase: ConversationPhase = $derived.by(() => {
    if (this.#view === 'deleted') return 'gone';
    if (this.#handle.reader.phase === 'refused') {
      if (this.refusal?.code !== 'not_found') return 'refused';
      // The first message makes the conversation: until then the server has never heard of it.
      if (this.wasOpen) return 'gone';
      return outbox.of(this.id).length > 0 ? 'new' : 'gone';
    }
    if (this.#state) return 'open';
    return outbox.of(this.id).length > 0 ? 'new' : 'loading';
  });

  constructor(readonly id: string) {
    this.#handle = streams.conversation(id, { event: (event) => this.#heard(event), snapshot: () => this.#changed() });
    this.#changed();
    this.#forgetAcknowledged = onAcknowledged((conversationId) => {
      if (conversationId === id && this.#handle.reader.phase === 'refused') this.#handle.reader.resubscribe();
    });
  }

  close(): void {
    this.#forgetAcknowledged();
    this.#handle.close();
  }

  /** Fetches the page of messages before the first one here. */
  async loadEarlier(): Promise<void> {
    const first = this.messages[0];
    if (!first || !this.hasEarlier || this.isLoadingEarlier) return;
    this.isLoadingEarlier = true;
    this.earlierFailure = undefined;
    try {
      const query = new URLSearchParams({ before: first.id, limit: String(PAGE_SIZE) });
      const page = await api.get<Page<BranchMessage>>(`/api/conversations/${this.id}/messages?${query.toString()}`);
      // Another branch may have come into view meanwhile: this page would belong to nothing.
      if (this.messages[0]?.id !== first.id) return;
      this.#earlier = { messages: [...page.items, ...this.#earlier.messages], hasMore: page.nextCursor !== null };
    } catch (error) {
      this.earlierFailure = sentenceOf(error);
    } finally {
      this.isLoadingEarlier = false;
    }
  }

  /** Ends the reply that is being written; what has arrived is kept. */
  async stop(): Promise<void> {
    const runId = this.running?.runId;
    if (runId) await connection.send('run:stop', { runId });
  }

  /** Asks for another reply in the place of this one. */
  async regenerate(messageId: string): Promise<void> {
    await connection.send('message:regenerate', { clientMessageId: crypto.randomUUID(), messageId });
  }

  /** Lets the model go on with a reply that ended early, in its place. */
  async continueReply(messageId: string): Promise<void> {
    await connection.send('message:continue', { clientMessageId: crypto.randomUUID(), messageId });
  }

  /** Says what the reader thinks of a reply; `null` takes it back. */
  async rate(messageId: string, rating: Rating | null): Promise<void> {
    await connection.send('message:rate', { messageId, rating });
  }

  /** Puts another version of a message beside it, and asks for a reply to that. */
  async edit(messageId: string, text: string): Promise<void> {
    await connection.send('message:edit', { clientMessageId: crypto.randomUUID(), messageId, text });
  }

  /** Shows the branch that goes through this message. */
  async choose(messageId: string): Promise<void> {
    await connection.send('conversation:update', { conversationId: this.id, leafId: messageId });
  }

  #heard(event: ConversationEvent): void {
    if (event.type === 'run.delta') return;
    if (event.type === 'run.finished') outbox.unblock(this.id);
    this.#changed();
  }

  #changed(): void {
    const { view } = this.#handle.reader;
    if (!view || view === 'deleted') return;
    this.wasOpen = true;
    this.#earlier = slideWindow(this.#earlier, this.#before, view);
    this.#before = view;
    for (const { clientMessageId } of view.messages) if (clientMessageId) outbox.settle(clientMessageId);
  }
}
