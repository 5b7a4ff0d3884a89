import { Chat, counted } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('a stopped reply is continued in its place, in both tabs, after its text', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.send('/count 5000 20');
  await first.readUntil('5 ');
  const second = await first.secondTab();
  await first.stopButton.click();
  for (const { replies } of [first, second]) {
    // The button to continue comes before the one to start over.
    const offered = replies.getByRole('button', { name: /^(Continue|Try again)$/ });
    await expect(offered).toHaveText(['Continue', 'Try again']);
  }
  const before = (await first.replyText.innerText()).trim();
  expect(counted(5000).startsWith(before)).toBe(true);

  await second.replies.getByRole('button', { name: 'Continue' }).click();
  await second.finished();
  for (const chat of [first, second]) {
    await expect(chat.replies).toHaveCount(1);
    await expect(chat.replies.getByRole('button', { name: 'Continue' })).toBeHidden();
    await expect(chat.replies.getByRole('button', { name: 'Good reply' })).toBeVisible();
    const after = await chat.replies.locator('.markdown').innerText();
    expect(after.startsWith(before)).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);
  }
});

test('a failed reply with text can be continued; one without text can only be retried', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/truncate 10 What is a vector clock?');
  const card = chat.replies.getByRole('alert');
  await expect(card.getByRole('button')).toHaveText(['Continue', 'Try again']);
  await card.getByRole('button', { name: 'Continue' }).click();
  await expect(card).toBeHidden();
  await chat.finished();
  await expect(chat.replies).toHaveCount(1);
  await expect(chat.replies.getByRole('button', { name: 'Good reply' })).toBeVisible();

  await chat.ask('/error 400');
  await expect(chat.replies.last().getByRole('alert').getByRole('button')).toHaveText(['Try again']);
});

test('only the last reply of a branch can be continued', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/count 5000 20');
  await chat.readUntil('5 ');
  await chat.stopButton.click();
  await expect(chat.replies.first().getByRole('button', { name: 'Continue' })).toBeVisible();
  await chat.ask('/echo Something else.');
  await expect(chat.replies.first().getByRole('button', { name: 'Try again' })).toBeVisible();
  await expect(chat.replies.first().getByRole('button', { name: 'Continue' })).toBeHidden();
});

test('a rating is shown in both tabs, can be changed and removed, and survives a reload', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.ask('/echo Judge me.');
  const second = await first.secondTab();
  const rating = (chat: Chat, name: 'Good reply' | 'Bad reply') => chat.replies.getByRole('button', { name });
  const expectPressed = async (good: boolean, bad: boolean): Promise<void> => {
    for (const chat of [first, second]) {
      await expect(rating(chat, 'Good reply')).toHaveAttribute('aria-pressed', String(good));
      await expect(rating(chat, 'Bad reply')).toHaveAttribute('aria-pressed', String(bad));
    }
  };
  await expectPressed(false, false);
  await rating(first, 'Good reply').click();
  await expectPressed(true, false);
  await rating(second, 'Bad reply').click();
  await expectPressed(false, true);
  await page.reload();
  await expectPressed(false, true);
  await rating(first, 'Bad reply').click();
  await expectPressed(false, false);
});

test('a reply that ends in another conversation shows a toast that opens it', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/count 60 20');
  await chat.readUntil('5 ');
  const address = page.url();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  const news = page.getByRole('listitem').filter({ hasText: 'The reply is finished.' });
  await expect(news).toBeVisible();
  await news.getByRole('button', { name: 'Open' }).click();
  await expect(page).toHaveURL(address);
  await expect(chat.replyText).toHaveText(counted(60));
});

test('a reply that is in view in another tab when it ends leaves no dot', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.send('/count 160 20');
  await first.readUntil('5 ');
  const second = await first.secondTab();
  await second.readUntil('5 ');
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await expect(second.replyText).toHaveText(counted(160));
  await second.finished();
  // A second reply ends out of view, and later: once it has its dot, the first one would have one too.
  await first.send('/count 110 20');
  await first.readUntil('5 ');
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await expect(first.inSidebar(/110/).getByRole('img', { name: 'New reply' })).toBeVisible();
  await expect(first.sidebar.getByRole('img', { name: 'New reply' })).toHaveCount(1);
});

test('hidden tabs show one notification together, and only if notifications are on', async ({ page, context }) => {
  const notified: string[] = [];
  await context.exposeFunction('recordNotification', (title: string, tag: string) => notified.push(`${title} ${tag}`));
  // Tests cannot see system notifications, and every page of a headless browser counts as visible.
  await context.addInitScript(() => {
    class RecordedNotification extends EventTarget {
      static permission: NotificationPermission = 'default';
      static requestPermission(): Promise<NotificationPermission> {
        RecordedNotification.permission = 'granted';
        return Promise.resolve('granted');
      }
      constructor(title: string, { tag }: NotificationOptions) {
        super();
        const { recordNotification } = window as unknown as { recordNotification: (...words: unknown[]) => void };
        recordNotification(title, tag);
      }
    }
    if (sessionStorage.getItem('granted')) RecordedNotification.permission = 'granted';
    Object.assign(window, { Notification: RecordedNotification });
  });
  await signIn(page, newPerson(), '/profile');
  const wish = page.getByRole('switch', { name: 'Notify me when a reply is finished' });
  await expect(wish).toHaveAttribute('aria-checked', 'false');
  await wish.click();
  await expect(wish).toHaveAttribute('aria-checked', 'true');

  await page.evaluate(() => sessionStorage.setItem('granted', 'yes'));
  await page.goto('/chat');
  const chats = [new Chat(page)];
  for (const tab of [await context.newPage(), await context.newPage()]) {
    await tab.goto('/chat');
    await tab.evaluate(() => sessionStorage.setItem('granted', 'yes'));
    await tab.reload();
    chats.push(new Chat(tab));
  }
  const [first] = chats as [Chat, ...Chat[]];
  await first.send('/count 120 20');
  await first.readUntil('5 ');
  for (const chat of chats) {
    await expect(chat.sidebar.getByRole('img', { name: 'A reply is being written' })).toBeVisible();
    await chat.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
  }
  for (const chat of chats) {
    await expect(chat.sidebar.getByRole('img', { name: 'New reply' })).toBeVisible();
  }
  await expect.poll(() => notified.length).toBe(1);
  expect(notified[0]).toContain('count 120 20');
});

test('a screen reader is told when a reply begins and ends, and its sentences if that is on', async ({ page }) => {
  await signIn(page, newPerson(), '/profile');
  await page.getByRole('switch', { name: 'Read replies with my screen reader' }).click();
  await expect(page.getByRole('switch', { name: 'Read replies' })).toHaveAttribute('aria-checked', 'true');
  await page.goto('/chat');
  const chat = new Chat(page);
  const spoken = page.locator('[aria-live="polite"]');
  await chat.send('/echo The first **sentence** is here. The second one follows.');
  await expect(spoken.getByText('The first sentence is here.', { exact: true })).toBeAttached();
  await expect(spoken.getByText('The second one follows.', { exact: true })).toBeAttached();
  await expect(spoken.getByText('Reply finished', { exact: true })).toBeAttached();
});

test('messages say when they were written, also in another tab', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  const before = Math.floor(Date.now() / 1_000) * 1_000;
  await chat.ask('/echo What time is it?');
  const other = await chat.secondTab();
  for (const { ownMessages, replies } of [chat, other]) {
    for (const message of [ownMessages.first(), replies.first()]) {
      await message.hover();
      const time = message.locator('time');
      // After midnight the day stands before the time.
      await expect(time).toHaveText(/\d{1,2}:\d\d [AP]M\s*$/);
      await expect(time).toBeInViewport();
      const written = Date.parse((await time.getAttribute('datetime')) ?? '');
      expect(written).toBeGreaterThanOrEqual(before);
      expect(written).toBeLessThanOrEqual(Date.now());
    }
  }
});
