import { reduceDraft } from './draft-reducer.ts';
import { type DraftEvent, type DraftState, nextDeadline, openDraft, type ServerDraft } from './draft-state.ts';
import type { StoredDraft } from './draft-storage.ts';

/** The actions of a test; each names a tab by its index. */
export type Action =
  | { readonly do: 'type' | 'undo' | 'send' | 'flush' | 'reload'; readonly tab: number }
  | { readonly do: 'serve' | 'deliver' | 'answer' | 'lose' | 'refuse' | 'fail'; readonly tab: number }
  | { readonly do: 'disconnect' | 'reconnect' | 'resubscribe' | 'lag'; readonly tab: number }
  | { readonly do: 'pass'; readonly ms: number };

interface Request {
  readonly kind: 'draft' | 'message';
  readonly text: string;
  answer: DraftEvent | undefined;
}

interface Tab {
  state: DraftState;
  origin: string;
  isOnline: boolean;
  /** The events that the stream delivers next. */
  inbox: { readonly type: 'event' | 'snapshot'; readonly remote: ServerDraft; readonly origin: string }[];
  /** In the order of sending; an answered request stays until its answer is delivered. */
  requests: Request[];
  /** Messages that are sent again after each reconnect until the server has them. */
  outbox: string[];
  /** The texts that were typed in this tab since its last message. */
  edits: string[];
}

const INTERRUPTED: DraftEvent = { type: 'failed', isWorthRetrying: false, retryAfterMs: undefined };
const RETRYABLE: DraftEvent = { type: 'failed', isWorthRetrying: true, retryAfterMs: 3_000 };

/**
 * The tabs of one user on several devices, their server, and a network that the test controls. Draft requests and
 * messages of a tab arrive in order, and so do the events of its stream; answers may arrive before or after events.
 */
export class DraftWorld {
  readonly tabs: readonly Tab[];
  server: ServerDraft & { readonly origin: string } = { text: '', at: 0, origin: '' };
  readonly typed = new Set(['']);
  #now = 10_000;
  #words = 0;
  readonly #stored = new Map<number, StoredDraft>();

  constructor(
    tabs: number,
    /** The error of the device's clock. */
    private readonly clockErrorMs: readonly number[] = [],
  ) {
    this.tabs = Array.from({ length: tabs }, (_, index) => ({
      state: openDraft(undefined, this.#now),
      origin: `tab ${index}`,
      isOnline: true,
      inbox: [],
      requests: [],
      outbox: [],
      edits: [''],
    }));
  }

  run(actions: readonly Action[]): void {
    for (const action of actions) this.act(action);
  }

  act(action: Action): void {
    if (action.do === 'pass') {
      this.#pass(action.ms);
      return;
    }
    const tab = this.tabs[action.tab];
    if (!tab) return;
    switch (action.do) {
      case 'type':
        this.#edit(action.tab, tab, `${tab.state.text}${(this.#words += 1)} `);
        return;
      case 'undo':
        this.#edit(action.tab, tab, tab.edits.at(-2) ?? '');
        return;
      case 'send':
        this.#send(action.tab, tab);
        return;
      case 'flush':
        this.#dispatch(action.tab, tab, { type: 'flushed' });
        return;
      case 'reload':
        this.#reload(action.tab, tab);
        return;
      case 'serve':
        this.#serve(tab);
        return;
      case 'deliver':
        this.#deliver(action.tab, tab);
        return;
      case 'answer':
        this.#answer(action.tab, tab);
        return;
      case 'lose':
        this.#fail(action.tab, tab, RETRYABLE);
        return;
      case 'refuse':
        if (tab.requests[0]?.answer === undefined) this.#fail(action.tab, tab, INTERRUPTED);
        return;
      case 'fail':
        if (tab.requests[0]?.answer === undefined) this.#fail(action.tab, tab, RETRYABLE);
        return;
      case 'disconnect':
        this.#disconnect(action.tab, tab);
        return;
      case 'reconnect':
      case 'resubscribe':
        this.#connect(action.tab, tab, action.do === 'reconnect');
        return;
      case 'lag':
        if (tab.isOnline) tab.inbox = [this.#snapshot()];
    }
  }

  /** Connects every tab and delivers everything that is pending, without further typing. */
  settle(): void {
    for (const [index, tab] of this.tabs.entries()) {
      if (!tab.isOnline) this.#connect(index, tab, true);
      // Refused requests are sent again after the next reconnect.
      this.#dispatch(index, tab, { type: 'connected' });
    }
    for (let second = 0; second < 40; second += 1) {
      for (const [index, tab] of this.tabs.entries()) {
        while (tab.requests.length > 0) {
          this.#serve(tab);
          this.#answer(index, tab);
        }
      }
      for (const [index, tab] of this.tabs.entries()) while (tab.inbox.length > 0) this.#deliver(index, tab);
      this.#pass(1_000);
    }
  }

  #timeOfDay(index: number): number {
    return this.#now + (this.clockErrorMs[index] ?? 0);
  }

  #edit(index: number, tab: Tab, text: string): void {
    if (text === tab.state.text) return;
    tab.edits.push(text);
    this.typed.add(text);
    this.#dispatch(index, tab, { type: 'edited', text, timeOfDay: this.#timeOfDay(index) });
  }

  #send(index: number, tab: Tab): void {
    const { text } = tab.state;
    if (text === '') return;
    // The browser's undo does not go back past a sent message.
    tab.edits = [''];
    this.#dispatch(index, tab, { type: 'sent', timeOfDay: this.#timeOfDay(index) });
    tab.outbox.push(text);
    if (tab.isOnline) tab.requests.push({ kind: 'message', text, answer: undefined });
  }

  #dispatch(index: number, tab: Tab, event: DraftEvent): void {
    const { state, effects } = reduceDraft(tab.state, event, this.#now);
    tab.state = state;
    for (const effect of effects) {
      if (effect.type === 'send') {
        if (tab.isOnline) tab.requests.push({ kind: 'draft', text: effect.text, answer: undefined });
        else this.#dispatch(index, tab, INTERRUPTED);
      } else {
        const kept = this.#stored.get(index);
        if (effect.type === 'storeAdopted' && kept && !kept.isWritten && kept.at > effect.at) continue;
        if (effect.draft) this.#stored.set(index, effect.draft);
        else this.#stored.delete(index);
      }
    }
  }

  #serve(tab: Tab): void {
    const request = tab.requests.find(({ answer }) => answer === undefined);
    if (!request) return;
    request.answer = { type: 'acknowledged' };
    const { kind, text } = request;
    if (kind === 'draft') this.#write(text, tab.origin);
    else if (tab.outbox.includes(text)) {
      tab.outbox.splice(tab.outbox.indexOf(text), 1);
      if (this.server.text === text) this.#write('', 'a message');
    }
  }

  #write(text: string, origin: string): void {
    if (this.server.text === text) return;
    this.server = { text, origin, at: this.#now };
    for (const tab of this.tabs) if (tab.isOnline) tab.inbox.push({ type: 'event', remote: this.server, origin });
  }

  #snapshot(): Tab['inbox'][number] {
    const { text, at } = this.server;
    return { type: 'snapshot', remote: text === '' ? { text, at: 0 } : { text, at }, origin: '' };
  }

  #deliver(index: number, tab: Tab): void {
    const next = tab.inbox.shift();
    if (!next) return;
    const type = next.type === 'snapshot' ? 'snapshot' : next.origin === tab.origin ? 'echoed' : 'remotelyEdited';
    this.#dispatch(index, tab, { type, remote: next.remote });
  }

  #answer(index: number, tab: Tab): void {
    if (tab.requests[0]?.answer === undefined) return;
    const request = tab.requests.shift();
    if (request?.kind === 'draft' && request.answer) this.#dispatch(index, tab, request.answer);
  }

  /** Answers with an error, whether or not the request took effect. */
  #fail(index: number, tab: Tab, failure: DraftEvent): void {
    const [request] = tab.requests;
    if (request?.kind !== 'draft') return;
    tab.requests.shift();
    this.#dispatch(index, tab, failure);
  }

  #disconnect(index: number, tab: Tab): void {
    if (!tab.isOnline) return;
    tab.isOnline = false;
    tab.inbox = [];
    const isAwaited = tab.requests.some(({ kind }) => kind === 'draft');
    tab.requests = [];
    if (isAwaited) this.#dispatch(index, tab, INTERRUPTED);
  }

  #connect(index: number, tab: Tab, isWithSnapshot: boolean): void {
    if (tab.isOnline) return;
    tab.isOnline = true;
    tab.inbox = [isWithSnapshot ? this.#snapshot() : { ...this.#snapshot(), ...this.#lastEvent() }];
    tab.requests = tab.outbox.map((text) => ({ kind: 'message', text, answer: undefined }));
    this.#dispatch(index, tab, { type: 'connected' });
  }

  /** The events since the tab was disconnected; the last one is enough. */
  #lastEvent(): Tab['inbox'][number] {
    return { type: 'event', remote: this.server, origin: this.server.origin };
  }

  #reload(index: number, tab: Tab): void {
    this.#dispatch(index, tab, { type: 'flushed' });
    for (const request of tab.requests) if (request.answer === undefined) this.#serve(tab);
    const { isOnline } = tab;
    tab.isOnline = false;
    tab.requests = [];
    tab.inbox = [];
    tab.origin += "'";
    tab.state = openDraft(this.#stored.get(index), this.#now);
    if (isOnline) this.#connect(index, tab, true);
  }

  #pass(ms: number): void {
    const end = this.#now + ms;
    for (let steps = 0; ; steps += 1) {
      if (steps > 10_000) throw new Error('A deadline does not pass');
      const [index, deadline] = this.#nextDeadline();
      if (deadline > end) break;
      this.#now = Math.max(this.#now, deadline);
      const tab = this.tabs[index];
      if (tab) this.#dispatch(index, tab, { type: 'timePassed' });
    }
    this.#now = end;
  }

  #nextDeadline(): readonly [index: number, deadline: number] {
    const deadlines = this.tabs.map(({ state }) => nextDeadline(state) ?? Number.POSITIVE_INFINITY);
    const first = Math.min(...deadlines);
    return [deadlines.indexOf(first), first];
  }
}
