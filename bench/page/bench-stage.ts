import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import type { ModelAnswer } from '../../backend/testing/model/model-answer.ts';
import { ModelServer } from '../../backend/testing/model/model-server.ts';
import { HeldAnswers, says } from '../../backend/testing/model/script.ts';
import { Chat } from '../../e2e/support/chat.ts';
import { LockstepServer } from '../../e2e/support/lockstep-server.ts';
import { newPerson, type Person } from '../../e2e/support/people.ts';
import { signIn } from '../../e2e/support/sign-in.ts';
import { launchOptions } from '../../e2e/browser.ts';

/** The built product with a scripted model and a signed-in user. */
export class BenchStage {
  readonly person: Person;
  readonly model: ModelServer;
  readonly server: LockstepServer;
  readonly context: BrowserContext;
  readonly #answers: HeldAnswers;
  readonly #browser: Browser;

  private constructor(
    parts: Pick<BenchStage, 'person' | 'model' | 'server' | 'context'>,
    answers: HeldAnswers,
    browser: Browser,
  ) {
    ({ person: this.person, model: this.model, server: this.server, context: this.context } = parts);
    this.#answers = answers;
    this.#browser = browser;
  }

  static async open(): Promise<BenchStage> {
    const model = await ModelServer.start();
    const answers = new HeldAnswers();
    model.otherwise = answers.script;
    model.titles = says(['Measured']);
    const server = await LockstepServer.start(model.environment);
    const browser = await chromium.launch(launchOptions());
    const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 800 } });
    const person = newPerson();
    const page = await context.newPage();
    await signIn(page, person);
    await page.close();
    return new BenchStage({ person, model, server, context }, answers, browser);
  }

  /** A tab at a new chat. */
  async newTab(): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto('/chat');
    await new Chat(page).composer.waitFor();
    return page;
  }

  /** Collects garbage of earlier pages, so that it is not collected during the measurement. */
  async collectGarbage(page: Page): Promise<void> {
    const session = await this.context.newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    await session.detach();
  }

  /** Sends a message in this tab, and returns the answer to be written. */
  async ask(page: Page): Promise<ModelAnswer> {
    await new Chat(page).send('Go on.');
    return this.#answers.next();
  }

  startTracing(): Promise<void> {
    return this.#browser.startTracing(undefined, { categories: ['toplevel', '__metadata', 'devtools.timeline', 'v8'] });
  }

  /** The trace since `startTracing`, as Chromium's JSON. */
  async stopTracing(): Promise<unknown> {
    return JSON.parse((await this.#browser.stopTracing()).toString('utf8'));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.dispose();
    await this.model[Symbol.asyncDispose]();
  }
}
