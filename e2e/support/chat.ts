import { expect, type Locator, type Page } from '@playwright/test';
import { scaled } from '../../backend/testing/pace.ts';

/** The local model writes an answer in ten seconds or so, on a machine that has nothing else to do. */
const REPLY_MS = 60_000;

/** The chat in one tab, as a user sees it. */
export class Chat {
  readonly page: Page;
  readonly composer: Locator;
  readonly thread: Locator;
  readonly replies: Locator;
  readonly ownMessages: Locator;
  readonly sendButton: Locator;
  readonly stopButton: Locator;
  readonly sidebar: Locator;

  constructor(page: Page) {
    this.page = page;
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true });
    this.thread = page.getByRole('log', { name: 'Conversation' });
    this.replies = this.thread.getByRole('article', { name: 'Reply' });
    this.ownMessages = this.thread.getByRole('article', { name: 'Your message' });
    this.sendButton = page.getByRole('button', { name: 'Send', exact: true });
    this.stopButton = page.getByRole('button', { name: 'Stop', exact: true });
    this.sidebar = page.getByRole('navigation', { name: 'Conversations' });
  }

  /** The text of the newest reply, without its buttons. */
  get replyText(): Locator {
    return this.replies.last().locator('.markdown');
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.composer).toHaveValue('');
  }

  /** Waits until the newest reply contains `text`, and returns its whole text. */
  async readUntil(text: string | RegExp): Promise<string> {
    await expect(this.replyText).toContainText(text, { timeout: scaled(REPLY_MS) });
    return this.replyText.innerText();
  }

  /** Waits until the newest reply has ended in any way. */
  async finished(): Promise<void> {
    await expect(this.thread).toHaveAttribute('aria-busy', 'false', { timeout: scaled(REPLY_MS) });
    await expect(this.replies.last()).toBeVisible();
  }

  /** Sends a short message and waits for the whole answer. */
  async ask(text: string): Promise<void> {
    const before = await this.replies.count();
    await this.send(text);
    await expect(this.replies).toHaveCount(before + 1);
    await this.finished();
  }

  /** Another tab of the same user at the same conversation. */
  async secondTab(): Promise<Chat> {
    const other = new Chat(await this.page.context().newPage());
    await other.page.goto(this.page.url());
    return other;
  }

  inSidebar(title: string | RegExp): Locator {
    return this.sidebar.getByRole('link', { name: title });
  }

  async openMenuOf(title: string): Promise<void> {
    await this.inSidebar(title).hover();
    await this.page.getByRole('button', { name: `Options for ${title}` }).click();
  }

  async openAccountMenu(): Promise<void> {
    await this.page.getByRole('button', { name: /@/ }).click();
    await expect(this.page.getByRole('menu', { name: 'Account' })).toBeVisible();
  }
}

/** The answer to `/count upTo`. */
export const counted = (upTo: number): string => Array.from({ length: upTo }, (_, index) => index + 1).join(' ');
