import { randomUUID } from 'node:crypto';
import { conversationStream, PROTOCOL_VERSION, type StreamEvents } from '#protocol';
import { LightSocket } from './light-socket.ts';
import type { Tab, TabListener } from './system.ts';

type Reply =
  { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly error: { readonly code: string } };

/** The parts of the reply to `stream:subscribe` that a new tab needs. */
interface Subscribed {
  readonly seq: number;
}

/**
 * A tab that follows one conversation as described in docs/protocol.md, except that it reports a failure where a tab
 * would subscribe again: that would be another measurement.
 */
export class LockstepTab implements Tab {
  readonly #conversationId: string;
  readonly #listener: TabListener;
  #socket: LightSocket | undefined;
  /** The number of the last event, once subscribed. */
  #seq: number | undefined;
  #held: StreamEvents[] = [];
  #isClosing = false;

  private constructor(conversationId: string, listener: TabListener) {
    this.#conversationId = conversationId;
    this.#listener = listener;
  }

  static async open(port: number, token: string, conversationId: string, listener: TabListener): Promise<LockstepTab> {
    const tab = new LockstepTab(conversationId, listener);
    tab.#socket = await LightSocket.connect(
      port,
      { token, protocol: PROTOCOL_VERSION },
      (name, payload) => tab.#onMessage(name, payload),
      () => {
        if (!tab.#isClosing) listener.failed(new Error('The connection was closed'));
      },
    );
    const stream = conversationStream(conversationId);
    await tab.#ask('stream:subscribe', { stream }, (data) => tab.#begin((data as Subscribed).seq));
    return tab;
  }

  async send(text: string): Promise<void> {
    await this.#ask('message:send', { clientMessageId: randomUUID(), conversationId: this.#conversationId, text });
  }

  close(): void {
    this.#isClosing = true;
    this.#socket?.close();
  }

  get receivedBytes(): number {
    return this.#socket?.receivedBytes ?? 0;
  }

  #ask(name: string, payload: object, then: (data: unknown) => void = () => undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#socket?.send(name, payload, (reply) => {
      const answer = reply as Reply;
      if (!answer.ok) {
        reject(new Error(`${name}: ${JSON.stringify(answer.error)}`));
        return;
      }
      then(answer.data);
      resolve();
    });
    return promise;
  }

  #begin(seq: number): void {
    this.#seq = seq;
    for (const batch of this.#held) this.#apply(batch);
    this.#held = [];
  }

  #onMessage(name: string, payload: unknown): void {
    if (name === 'stream:lagging') this.#listener.failed(new Error('The server found this tab to be slow'));
    if (name !== 'stream:events') return;
    const batch = payload as StreamEvents;
    if (this.#seq === undefined) this.#held.push(batch);
    else this.#apply(batch);
  }

  #apply({ events }: StreamEvents): void {
    for (const { seq, type, data } of events) {
      const last = this.#seq ?? 0;
      if (seq <= last) continue;
      if (seq !== last + 1) this.#listener.failed(new Error(`Event ${seq} came after ${last}`));
      this.#seq = seq;
      if (type === 'run.delta') this.#listener.text((data as { text: string }).text);
      else if (type === 'run.finished') this.#listener.ended();
    }
  }
}
