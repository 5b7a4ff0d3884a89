import type { Page } from '@playwright/test';

/** What the newest reply of a tab showed at a moment (milliseconds since 1970), as the page itself saw it. */
export interface Shown {
  readonly at: number;
  readonly text: string;
}

/** Keeps every text that the newest reply of a tab shows from now on; asking from outside would miss most of them. */
export class ReplyRecorder {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async start(page: Page): Promise<ReplyRecorder> {
    await page.evaluate(() => {
      const shown: Shown[] = [];
      const observer = new MutationObserver(() => {
        const text =
          [...document.querySelectorAll('[role="log"] .markdown:not(.own)')].at(-1)?.textContent.trim() ?? '';
        if (text !== '' && text !== shown.at(-1)?.text) shown.push({ at: Date.now(), text });
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      Object.assign(window, { shownReplies: shown });
    });
    return new ReplyRecorder(page);
  }

  /** Every text in order that begins so, each once. */
  async shown(beginning = ''): Promise<readonly Shown[]> {
    const all = await this.#page.evaluate(() => (window as unknown as { shownReplies: Shown[] }).shownReplies);
    return all.filter(({ text }) => text.startsWith(beginning));
  }
}
