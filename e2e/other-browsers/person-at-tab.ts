import { expect } from '@playwright/test';
import type { Person } from '../support/people.ts';
import type { Tab } from './tab.ts';

const COMPOSER = 'textarea[aria-label="Message"]';

/** The chat in a tab of any browser, as a user sees it. */
export class PersonAtTab {
  readonly tab: Tab;

  constructor(tab: Tab) {
    this.tab = tab;
  }

  /** Signs in through the local provider; it ends at the composer. */
  async signIn(url: string, person: Person): Promise<void> {
    await this.tab.open(`${url}/chat`);
    await this.tab.click('button.btn-primary:not(:disabled)');
    await this.tab.click('input[name="email"]');
    await this.tab.type(person.email);
    await this.tab.click('input[name="name"]');
    await this.tab.type(person.name);
    await this.tab.press('Enter');
    await this.#untilReady();
  }

  /** Opens another path of the page, already signed in. */
  async open(url: string): Promise<void> {
    await this.tab.open(url);
    await this.#untilReady();
  }

  async send(text: string): Promise<void> {
    await this.tab.click(COMPOSER);
    await this.tab.type(text);
    await this.tab.press('Enter');
    await expect.poll(() => this.composerText()).toBe('');
  }

  address(): Promise<string> {
    return this.tab.read('location.href');
  }

  /** The text of the composer; `null` while there is none. */
  composerText(): Promise<string | null> {
    return this.tab.read(`document.querySelector('${COMPOSER}')?.value ?? null`);
  }

  /** The user's messages, oldest first, including their buttons. */
  ownMessages(): Promise<readonly string[]> {
    return this.#texts('article[aria-label="Your message"]');
  }

  /** The text of the newest reply so far. */
  async lastReply(): Promise<string> {
    return (await this.#texts('article[aria-label="Reply"] .markdown')).at(-1) ?? '';
  }

  isReplying(): Promise<boolean> {
    return this.tab.read(`document.querySelector('[role="log"]')?.ariaBusy === 'true'`);
  }

  async #untilReady(): Promise<void> {
    await expect.poll(() => this.composerText()).toBe('');
  }

  #texts(selector: string): Promise<readonly string[]> {
    return this.tab.read(`[...document.querySelectorAll('${selector}')].map((one) => one.innerText.trim())`);
  }
}
