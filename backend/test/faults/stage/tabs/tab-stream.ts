import {
  type ConversationEvent,
  type ConversationState,
  type ConversationView,
  type Cursor,
  foldConversation,
  FoldMismatch,
  foldUser,
  type StreamEvent,
  type StreamEvents,
  type SubscribeResult,
  type UserEvent,
  type UserState,
} from '../../../../src/protocol/index.js';
import type { Entry } from '../../check/recording.js';

type View = ConversationView | UserState;

/** Without this, each kind of entry would need its own call. */
type WithoutTime = Entry extends infer One ? (One extends Entry ? Omit<One, 'at'> : never) : never;

export interface TabStreamOptions {
  readonly record: (entry: WithoutTime) => void;
  /** Makes the tab subscribe, after the cursor if there is one. */
  readonly subscribe: () => void;
  /** `false` appends events without checking their order: the suite uses it to test itself. */
  readonly checkOffsets: boolean;
  readonly isUntouched: () => boolean;
}

const HEAD_PATIENCE_MS = 400;

/**
 * One stream in one tab, read like a correct page does: it holds events until the subscription is acknowledged, drops
 * known ones, applies the next one, subscribes again on a gap, and requests a snapshot if an event does not fit (`L3`).
 */
export class TabStream {
  view: View | undefined;
  cursor: Cursor | undefined;
  isLive = false;
  private isDamaged = false;
  private pending: StreamEvents[] = [];
  private headTimer: NodeJS.Timeout | undefined;
  private readonly shown = new Map<string, string>();
  /** The messages of the last check: those that the fold did not change are not compared again. */
  private looked = new Set<unknown>();

  constructor(
    readonly name: string,
    private readonly options: TabStreamOptions,
  ) {}

  /** The connection is lost, or a subscription is in progress: events are held. */
  suspend(): void {
    this.isLive = false;
    clearTimeout(this.headTimer);
  }

  /** Drops held events: those of an old connection do not belong to the new one. */
  forgetPending(): void {
    this.pending = [];
  }

  subscribed(result: SubscribeResult): void {
    if (result.mode === 'snapshot') {
      this.options.record({ kind: 'snapshot', stream: this.name, seq: result.seq });
      // The server serialised it from a typed event.
      this.view = result.state as View;
      this.cursor = { epoch: result.epoch, seq: result.seq };
      this.show();
    } else {
      this.noteReceived(result.events);
      this.pending.unshift({ stream: this.name, epoch: result.epoch, events: result.events });
    }
    this.isLive = true;
    this.flush();
  }

  receive(batch: StreamEvents): void {
    this.noteReceived(batch.events);
    this.pending.push(batch);
    if (this.isLive) this.flush();
  }

  /** Compares the head, because nothing else reveals that the last event was lost. */
  head(epoch: string, seq: number): void {
    const isBehind = (): boolean => this.isLive && (this.cursor?.epoch !== epoch || this.cursor.seq < seq);
    if (!isBehind()) return;
    clearTimeout(this.headTimer);
    this.headTimer = setTimeout(() => {
      if (!isBehind()) return;
      this.gap(seq);
    }, HEAD_PATIENCE_MS);
  }

  lagging(): void {
    this.options.record({ kind: 'lagging', stream: this.name });
    this.resubscribe();
  }

  /** Keeps only the beginning of the last reply, like a page that was restored from a stale copy. */
  damage(keep: number): void {
    const { view } = this;
    if (view === undefined || view === 'deleted' || !('messages' in view)) return;
    const messages = view.messages.map((message, index) =>
      index === view.messages.length - 1 ? { ...message, text: message.text.slice(0, keep) } : message,
    );
    this.view = { ...view, messages };
    this.isDamaged = true;
  }

  private noteReceived(events: readonly StreamEvent[]): void {
    for (const event of events) this.options.record({ kind: 'received', stream: this.name, event });
  }

  private flush(): void {
    const batches = this.pending;
    this.pending = [];
    for (const [index, batch] of batches.entries()) {
      if (batch.epoch !== this.cursor?.epoch) return this.resubscribe();
      for (const event of batch.events) {
        if (!this.cursor || event.seq <= this.cursor.seq) continue;
        if (event.seq > this.cursor.seq + 1) {
          this.pending = batches.slice(index);
          return this.gap(event.seq);
        }
        if (!this.apply(event)) return this.resubscribe();
        this.cursor = { epoch: batch.epoch, seq: event.seq };
      }
    }
  }

  private apply(event: StreamEvent): boolean {
    if (this.view === undefined) return false;
    if (event.type === 'conversation.restored') {
      // This event does not contain the new state: like a page, the tab requests a snapshot.
      this.view = undefined;
      this.cursor = undefined;
      return false;
    }
    try {
      this.view = this.fold(this.view, event);
    } catch (error) {
      if (!(error instanceof FoldMismatch)) throw error;
      const detail = `${event.seq}: ${error.message}`;
      this.options.record({ kind: 'mismatch', stream: this.name, detail, isUntouched: !this.isDamaged });
      this.isDamaged = false;
      this.view = undefined;
      this.cursor = undefined;
      return false;
    }
    this.options.record({ kind: 'applied', stream: this.name, seq: event.seq });
    this.show();
    return true;
  }

  private fold(view: View, event: StreamEvent): View {
    if (view !== 'deleted' && 'user' in view) return foldUser(view, event as unknown as UserEvent);
    const known = event as unknown as ConversationEvent;
    return foldConversation(view, this.options.checkOffsets ? known : fitting(view, known));
  }

  private gap(seq: number): void {
    const cursor = this.cursor?.seq ?? 0;
    const isUntouched = this.options.isUntouched();
    this.options.record({ kind: 'gap', stream: this.name, cursor, seq, isUntouched });
    this.resubscribe();
  }

  private resubscribe(): void {
    this.suspend();
    this.options.subscribe();
  }

  /** Records what the tab shows now. */
  private show(): void {
    if (this.view === undefined || this.view === 'deleted' || !('messages' in this.view)) return;
    const { messages } = this.view;
    const unchanged = this.looked;
    this.looked = new Set(messages);
    for (const message of messages) {
      const { id, role, text } = message;
      if (role !== 'assistant' || unchanged.has(message)) continue;
      const before = this.shown.get(id) ?? '';
      if (text === before) continue;
      const from = text.startsWith(before) ? before.length : 0;
      this.shown.set(id, text);
      this.options.record({ kind: 'shown', stream: this.name, messageId: id, from, text: text.slice(from) });
    }
  }
}

/** The event with an offset that fits the existing text. */
function fitting(view: ConversationView, event: ConversationEvent): ConversationEvent {
  if (view === 'deleted') return event;
  const lengthOf = (messageId: string): number => find(view, messageId)?.text.length ?? 0;
  if (event.type === 'run.delta') return { ...event, data: { ...event.data, offset: lengthOf(event.data.messageId) } };
  if (event.type !== 'run.finished') return event;
  return { ...event, data: { ...event.data, length: lengthOf(event.data.messageId) } };
}

const find = (view: ConversationState, messageId: string): ConversationState['messages'][number] | undefined =>
  view.messages.find(({ id }) => id === messageId);
