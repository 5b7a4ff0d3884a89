import { MeasuredTab } from '../systems/measured-tab.ts';
import type { Room, System, Tab } from '../systems/system.ts';

/** A tab that follows several answers, one after another. */
export class AskingTab implements Disposable {
  #listener = new MeasuredTab(0);
  #tab: Tab | undefined;

  static async open(system: System, room: Room): Promise<AskingTab> {
    const asking = new AskingTab();
    asking.#tab = await system.openTab(room, {
      text: (text) => asking.#listener.text(text),
      ended: () => asking.#listener.ended(),
      failed: (error) => asking.#listener.failed(error),
    });
    return asking;
  }

  /** From now on, this one receives what the tab gets. */
  listen(listener: MeasuredTab): void {
    this.#listener = listener;
  }

  /** Resolves when the question is acknowledged. */
  async send(question: string): Promise<void> {
    await this.#tab?.send(question);
  }

  [Symbol.dispose](): void {
    this.#tab?.close();
  }
}
