import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import { LockstepServer } from '../support/lockstep-server.ts';
import { Network } from '../support/network.ts';

/** What the local model would cost, were it a model. */
const PRICES = { MODEL_PRICES: '{"gpt-4.1": {"input": 2, "output": 8}}' };

/** A fresh installation, and browsers that all have the same screen and the same theme. */
export class Studio {
  readonly network: Network;
  readonly #server: LockstepServer;
  readonly #browser: Browser;
  readonly #suffix: string;
  readonly #look: BrowserContextOptions;

  private constructor(
    network: Network,
    server: LockstepServer,
    browser: Browser,
    suffix: string,
    look: BrowserContextOptions,
  ) {
    this.network = network;
    this.#server = server;
    this.#browser = browser;
    this.#suffix = suffix;
    this.#look = { ...look, baseURL: network.url, reducedMotion: 'reduce' };
  }

  /** @param suffix ends the name of each screenshot */
  static async open(browser: Browser, suffix: string, look: BrowserContextOptions): Promise<Studio> {
    const network = await Network.start();
    const server = await LockstepServer.start({ PUBLIC_URL: network.url, DEFAULT_ROLE: 'pending', ...PRICES });
    network.leadTo(server.port);
    return new Studio(network, server, browser, suffix, look);
  }

  /** The path of the server's SQLite file. */
  get databasePath(): string {
    return this.#server.databasePath;
  }

  get isPhone(): boolean {
    return this.#look.isMobile ?? false;
  }

  /** A tab of a browser without a session. */
  async newPage(): Promise<Page> {
    const context = await this.#browser.newContext(this.#look);
    context.setDefaultTimeout(60_000);
    return context.newPage();
  }

  /** Takes the screenshot `name` of the page as it is now, without a blinking cursor. */
  async photograph(page: Page, name: string): Promise<void> {
    await page.evaluate(() => document.fonts.ready);
    // Waits for fade-ins to end, but not for endless animations.
    await page.evaluate(() =>
      Promise.all(
        document
          .getAnimations()
          .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
          .map(({ finished }) => finished.catch(() => undefined)),
      ),
    );
    // The frame that shows their end is the next one.
    await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
    await page.screenshot({ path: `docs/shots/${name}-${this.#suffix}.png`, caret: 'hide' });
    console.log(`${name}-${this.#suffix}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
    await this.network.dispose();
    await this.#server.dispose();
  }
}
