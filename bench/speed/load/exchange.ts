import { setTimeout as delay } from 'node:timers/promises';
import { planText } from './answer-plan.ts';
import { inTurns } from './answers.ts';
import { nowMicros } from './clock.ts';
import { MeasuredTab } from '../systems/measured-tab.ts';
import type { System, Tab } from '../systems/system.ts';

/** Tokens of a short reply. */
const TOKENS = 3;
const QUESTION = planText({ tokens: TOKENS, rate: 0, waitMs: 0 });
/** The pause between two exchanges of a tab: work after the end belongs to the exchange. */
const PAUSE_MS = 10;
const DEADLINE_MS = 10_000;

export interface ExchangesResult {
  /** Milliseconds from the send, for each exchange. */
  readonly firstTokenMs: readonly number[];
  readonly acknowledgedMs: readonly number[];
  readonly errors: number;
}

/** Tabs in rotation, each with its own conversation. */
export class Exchanges implements Disposable {
  readonly #tabs: { readonly tab: Tab; listener: MeasuredTab }[];

  private constructor(tabs: { readonly tab: Tab; listener: MeasuredTab }[]) {
    this.#tabs = tabs;
  }

  static async open(system: System, tabs: number): Promise<Exchanges> {
    const rooms = await system.rooms(tabs);
    const opened: { readonly tab: Tab; listener: MeasuredTab }[] = [];
    for (const room of rooms) {
      const place: { listener: MeasuredTab } = { listener: new MeasuredTab(TOKENS) };
      const tab = await system.openTab(room, {
        text: (text) => place.listener.text(text),
        ended: () => place.listener.ended(),
        failed: (error) => place.listener.failed(error),
      });
      opened.push(Object.assign(place, { tab }));
    }
    return new Exchanges(opened);
  }

  /** Sends and waits for the short reply and its end, repeatedly and with limited concurrency. */
  async run(count: number, atOnce: number): Promise<ExchangesResult> {
    const [firstTokenMs, acknowledgedMs]: [number[], number[]] = [[], []];
    let errors = 0;
    await inTurns(Array.from({ length: count }), atOnce, async () => {
      const place = this.#tabs.shift();
      if (!place) throw new Error('There are fewer tabs than exchanges at once');
      place.listener = new MeasuredTab(TOKENS);
      const sentAt = nowMicros();
      try {
        await place.tab.send(QUESTION);
        acknowledgedMs.push((nowMicros() - sentAt) / 1e3);
        await Promise.race([place.listener.over, delay(DEADLINE_MS, undefined, { ref: false })]);
        errors += place.listener.errors;
        if (place.listener.firstAt !== undefined) firstTokenMs.push((place.listener.firstAt - sentAt) / 1e3);
      } catch {
        // Refused: counts as an error, like a lost token.
        errors += 1;
      }
      await delay(PAUSE_MS);
      this.#tabs.push(place);
    });
    return { firstTokenMs, acknowledgedMs, errors };
  }

  [Symbol.dispose](): void {
    for (const { tab } of this.#tabs) tab.close();
  }
}
