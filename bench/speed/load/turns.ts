import { setTimeout as delay } from 'node:timers/promises';
import { planText } from './answer-plan.ts';
import { inTurns } from './answers.ts';
import { AskingTab } from './asking-tab.ts';
import { nowMicros } from './clock.ts';
import { MeasuredTab } from '../systems/measured-tab.ts';
import type { System } from '../systems/system.ts';

/** Tokens of a short reply. */
const TOKENS = 3;
const QUESTION = planText({ tokens: TOKENS, rate: 0, waitMs: 0 });
/** The pause between two turns of a tab: work after the end belongs to the turn. */
const PAUSE_MS = 10;
const DEADLINE_MS = 10_000;

export interface TurnsResult {
  /** Milliseconds from the send, for each turn. */
  readonly firstTokenMs: readonly number[];
  readonly acknowledgedMs: readonly number[];
  readonly errors: number;
}

/** Tabs in rotation, each with its own conversation. */
export class Turns implements Disposable {
  readonly #tabs: AskingTab[];

  private constructor(tabs: AskingTab[]) {
    this.#tabs = tabs;
  }

  static async open(system: System, tabs: number): Promise<Turns> {
    const opened: AskingTab[] = [];
    for (const room of await system.rooms(tabs)) opened.push(await AskingTab.open(system, room));
    return new Turns(opened);
  }

  /** Sends and waits for the short reply and its end, repeatedly and with limited concurrency. */
  async run(count: number, atOnce: number): Promise<TurnsResult> {
    const [firstTokenMs, acknowledgedMs]: [number[], number[]] = [[], []];
    let errors = 0;
    await inTurns(Array.from({ length: count }), atOnce, async () => {
      const tab = this.#tabs.shift();
      if (!tab) throw new Error('There are fewer tabs than turns at once');
      const listener = new MeasuredTab(TOKENS);
      tab.listen(listener);
      const sentAt = nowMicros();
      try {
        await tab.send(QUESTION);
        acknowledgedMs.push((nowMicros() - sentAt) / 1e3);
        await Promise.race([listener.over, delay(DEADLINE_MS, undefined, { ref: false })]);
        errors += listener.errors;
        if (listener.firstAt !== undefined) firstTokenMs.push((listener.firstAt - sentAt) / 1e3);
      } catch {
        // Refused: counts as an error, like a lost token.
        errors += 1;
      }
      await delay(PAUSE_MS);
      this.#tabs.push(tab);
    });
    return { firstTokenMs, acknowledgedMs, errors };
  }

  [Symbol.dispose](): void {
    for (const tab of this.#tabs) tab[Symbol.dispose]();
  }
}
