import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const failures = [
  { what: 'refuses the key', command: '/error 401', title: 'The model is not set up correctly', keeps: false },
  { what: 'cuts its reply off', command: '/truncate 12 Tell me', title: 'The reply was cut off', keeps: true },
  { what: 'breaks the connection', command: '/reset 12 Tell me', title: 'The reply was interrupted', keeps: true },
  { what: 'says nothing', command: '/limit 0 Tell me', title: 'The model sent an empty reply', keeps: false },
  { what: 'stalls', command: '/stall 12 Tell me', title: 'The reply took too long', keeps: true },
];

test('[L5] a failing model ends the reply with a card that says why, keeps the text, and offers a retry', async ({
  startServer,
  browser,
}) => {
  const server = await startServer({ MODEL_BETWEEN_TOKENS_MS: '1500' });
  const context = await browser.newContext({ baseURL: server.url });
  const chat = new Chat(await context.newPage());
  await signIn(chat.page, newPerson());
  for (const { what, command, title, keeps } of failures) {
    await test.step(`a model that ${what}`, async () => {
      await chat.page.goto('/chat');
      await chat.send(command);
      const card = chat.thread.getByRole('alert');
      await expect(card).toContainText(title);
      await expect(card).toContainText(/Request [\w-]+/);
      await expect(chat.stopButton).toBeHidden();
      if (keeps) await expect(chat.replyText).toContainText('This is the local model');
      else await expect(chat.replyText).toBeHidden();
      // The provider's own message is not shown.
      await expect(chat.thread).not.toContainText('The local model was asked to fail');
      await chat.page.reload();
      await expect(card).toContainText(title);
      await card.getByRole('button', { name: 'Try again' }).click();
      await expect(chat.replies.getByLabel('Version 2 of 2')).toBeVisible();
      await expect(card).toContainText(title);
    });
  }
  await context.close();
});

test('a reply at the length limit shows a note instead of an error, and can be continued', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  const chat = new Chat(await context.newPage());
  await signIn(chat.page, newPerson());
  await chat.page.goto('/chat');
  await chat.send('/limit 12 Tell me');
  const limit = chat.thread.getByText('The model or the settings of this conversation do not allow a longer reply');
  await expect(limit).toBeVisible();
  await expect(chat.thread.getByRole('alert')).toBeHidden();
  await expect(chat.thread.getByRole('button', { name: 'Try again' })).toBeVisible();
  const before = (await chat.replyText.textContent()) ?? '';
  await chat.thread.getByRole('button', { name: 'Continue' }).click();
  await expect(limit).toBeHidden();
  await expect(chat.stopButton).toBeHidden();
  expect(((await chat.replyText.textContent()) ?? '').length).toBeGreaterThan(before.length);
  await context.close();
});
