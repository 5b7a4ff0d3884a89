import { type Browser, launch, type Page } from 'puppeteer-core';
import { findProgram } from '../../backend/testing/find-program.ts';
import type { BrowserKind, OtherBrowser, Tab } from './tab.ts';

const program = findProgram('firefox-esr');

/** Firefox over WebDriver BiDi, which it implements itself: Debian has no geckodriver for the older protocol. */
export const firefox: BrowserKind = {
  name: 'Firefox',
  missing: program === undefined ? "Debian's firefox-esr is not installed" : undefined,
  async start() {
    if (program === undefined) throw new Error('There is no Firefox');
    return new Firefox(await launch({ browser: 'firefox', executablePath: program, headless: true }));
  },
};

class Firefox implements OtherBrowser {
  readonly #browser: Browser;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  async newTab(): Promise<Tab> {
    return new FirefoxTab(await this.#browser.newPage());
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

class FirefoxTab implements Tab {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(url: string): Promise<void> {
    await this.#page.goto(url);
  }

  read<Value>(expression: string): Promise<Value> {
    return this.#page.evaluate(expression) as Promise<Value>;
  }

  async click(selector: string): Promise<void> {
    const element = await this.#page.waitForSelector(selector, { visible: true });
    await element?.click();
  }

  async type(text: string): Promise<void> {
    await this.#page.bringToFront();
    await this.#page.keyboard.type(text);
  }

  async press(...keys: Parameters<Tab['press']>): Promise<void> {
    await this.#page.bringToFront();
    const held = keys.slice(0, -1);
    for (const key of held) await this.#page.keyboard.down(key as 'Control');
    await this.#page.keyboard.press(keys[keys.length - 1] as 'Enter');
    for (const key of held) await this.#page.keyboard.up(key as 'Control');
  }

  /** Dispatches the events in Firefox's order: without a screen there is no input method. */
  async compose(character: string): Promise<void> {
    await this.#page.evaluate((text) => {
      const field = document.activeElement as HTMLTextAreaElement;
      const tell = (event: Event): void => void field.dispatchEvent(event);
      tell(new CompositionEvent('compositionstart', { bubbles: true }));
      tell(new CompositionEvent('compositionupdate', { bubbles: true, data: text }));
      field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
      tell(new InputEvent('input', { bubbles: true, isComposing: true, inputType: 'insertCompositionText' }));
      tell(
        new KeyboardEvent('keydown', {
          bubbles: true,
          cancelable: true,
          key: 'Enter',
          keyCode: 229,
          isComposing: true,
        }),
      );
      tell(new CompositionEvent('compositionend', { bubbles: true, data: text }));
    }, character);
  }
}
