import { Chat, counted } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const endings = [
  { how: 'killed', end: 'kill' },
  { how: 'told to shut down', end: 'stop' },
] as const;

for (const { how, end } of endings) {
  test(`[L2] [L8] when the server is ${how} in the middle of a reply, all tabs keep their text and reconnect by themselves`, async ({
    startServer,
    browser,
  }) => {
    const server = await startServer({ DRAIN_MS: '300' });
    const context = await browser.newContext({ baseURL: server.url });
    const chats = [new Chat(await context.newPage()), new Chat(await context.newPage())] as const;
    const [first, second] = chats;
    await signIn(first.page, newPerson());
    await first.send('/count 3000 25');
    await first.readUntil('10 ');
    await second.page.goto(first.page.url());
    await second.readUntil('10 ');

    await server[end]();
    const before = [await first.replyText.innerText(), await second.replyText.innerText()] as const;
    for (const { page } of chats) {
      await expect(page.getByText(/Reconnecting|The server is restarting/)).toBeVisible();
    }
    await server.start();

    for (const [index, chat] of chats.entries()) {
      await expect(
        chat.thread.getByText('The server stopped before this reply was finished. What arrived is saved.'),
      ).toBeVisible();
      await expect(chat.page.getByText(/Reconnecting|The server is restarting/)).toBeHidden();
      const after = await chat.replyText.innerText();
      expect(after.startsWith(before[index]?.trimEnd() ?? '')).toBe(true);
      expect(counted(3000).startsWith(after.trimEnd())).toBe(true);
      await expect(chat.replies).toHaveCount(1);
    }
    expect(await first.replyText.innerText()).toBe(await second.replyText.innerText());

    await first.thread.getByRole('button', { name: 'Try again' }).click();
    // The text of the old reply would satisfy `readUntil` before the new one has begun.
    for (const { stopButton } of chats) await expect(stopButton).toBeVisible();
    for (const chat of chats) await chat.readUntil('10 ');
    await second.stopButton.click();
    await expect(first.thread.getByText('You stopped this reply.')).toBeVisible();
    await context.close();
  });
}

test('the notice of a restart stays until the tab is connected again', async ({ startServer, browser }) => {
  // The server announces its end while a reply is being written.
  const server = await startServer({ DRAIN_MS: '300' });
  const context = await browser.newContext({ baseURL: server.url });
  const chat = new Chat(await context.newPage());
  await signIn(chat.page, newPerson());
  await chat.send('/count 3000 25');
  await chat.readUntil('10 ');
  // Whether there was a moment without a notice, from the announcement until the page says that it tries to connect.
  const hadGap = chat.page.evaluate(async () => {
    let isAnnounced = false;
    let wasAway = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      const text = document.body.innerText;
      if (text.includes('The server is restarting')) isAnnounced = true;
      else if (isAnnounced && text.includes('Reconnecting')) resolve();
      else if (isAnnounced) wasAway = true;
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    await promise;
    return wasAway;
  });
  await server.stop();
  expect(await hadGap).toBe(false);
  await server.start();
  await expect(chat.page.getByText('Reconnecting')).toBeHidden();
  await context.close();
});

test('[L6] a message sent while the server is down is delivered once, as soon as it is back', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  const chat = new Chat(await context.newPage());
  await signIn(chat.page, newPerson());
  await chat.ask('/echo Before.');
  await server.kill();
  await chat.send('/echo While it was away.');
  await expect(chat.page.getByText('Will be sent when you are back online')).toBeVisible();
  await server.start();
  await expect(chat.replyText).toHaveText('While it was away.');
  await chat.finished();
  await expect(chat.ownMessages).toHaveCount(2);
  await chat.page.reload();
  await expect(chat.replies).toHaveCount(2);
  await expect(chat.ownMessages).toHaveCount(2);
  await context.close();
});

test('a page that opens while the server is down waits for it instead of signing the user out', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await signIn(page, newPerson());
  // The page itself comes from the cache or a proxy; only its requests to the server fail.
  await context.route('**/api/**', (route) => route.abort());
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible();
  await context.unrouteAll();
  await expect(new Chat(page).composer).toBeVisible();
  await context.close();
});
