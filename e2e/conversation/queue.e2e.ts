import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const WAITS = 'Will be sent when the reply is finished';

/** The queued messages, in their order. */
const waiting = ({ ownMessages }: Chat) => ownMessages.filter({ hasText: WAITS });

async function change(chat: Chat, before: string, after: string): Promise<void> {
  await waiting(chat).filter({ hasText: before }).getByRole('button', { name: 'Edit' }).click();
  const field = chat.page.getByRole('textbox', { name: 'Edit the waiting message' });
  await expect(field).toHaveValue(before);
  await field.fill(after);
  await chat.page.getByRole('button', { name: 'Save' }).click();
  await expect(field).toBeHidden();
}

test('messages written during a reply are queued in every tab, can be edited in each, and are sent when it is stopped', async ({
  page,
}) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.send('/count 5000 20');
  await first.readUntil('3 ');
  const second = await first.secondTab();
  await second.readUntil('3 ');
  await first.send('/echo One.');
  await first.send('/echo Two.');
  await second.send('/echo Three.');
  for (const chat of [first, second]) {
    await expect(waiting(chat)).toHaveText([/One\./, /Two\./, /Three\./]);
  }

  await change(second, '/echo One.', '/echo First.');
  await expect(waiting(first)).toHaveText([/First\./, /Two\./, /Three\./]);
  await waiting(first).filter({ hasText: 'Two.' }).getByRole('button', { name: 'Remove' }).click();
  for (const chat of [first, second]) await expect(waiting(chat)).toHaveText([/First\./, /Three\./]);
  await page.reload();
  await expect(waiting(first)).toHaveText([/First\./, /Three\./]);

  await second.stopButton.click();
  for (const chat of [first, second]) {
    await expect(waiting(chat)).toHaveCount(0);
    await expect(chat.replies).toHaveText([/You stopped/, /Assistant\s+First\./, /Assistant\s+Three\./]);
    await expect(chat.ownMessages).toHaveCount(3);
  }
});

test('a queue continues when the reply is complete, without any tab', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/count 120 30');
  await chat.readUntil('3 ');
  await chat.send('/echo Done.');
  await expect(waiting(chat)).toHaveCount(1);
  const address = page.url();
  const context = page.context();
  await page.close();
  const again = new Chat(await context.newPage());
  await again.page.goto(address);
  await expect(again.replies).toHaveCount(2);
  await expect(again.replyText).toHaveText('Done.');
});

test('arrow up in the empty field edits the last queued message', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/count 5000 20');
  await chat.readUntil('3 ');
  await chat.send('/echo One.');
  await chat.send('/echo Two.');
  await expect(waiting(chat)).toHaveCount(2);
  await chat.composer.press('ArrowUp');
  const field = page.getByRole('textbox', { name: 'Edit the waiting message' });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('/echo Two.');
  await field.fill('/echo Three.');
  await field.press('Enter');
  await expect(waiting(chat)).toHaveText([/One\./, /Three\./]);
  await expect(chat.composer).toBeFocused();
});

test('an edit in progress is not lost when its message is sent', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.send('/count 5000 20');
  await first.readUntil('3 ');
  await first.send('/echo One.');
  await waiting(first).getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Edit the waiting message' }).fill('/echo Changed too late.');
  await first.stopButton.click();
  await expect(first.replyText).toHaveText('One.');
  await expect(first.composer).toHaveValue('/echo Changed too late.');
});

test('[L8] after an interrupted reply the queue waits, and a message of it can be sent by hand', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  const first = new Chat(await context.newPage());
  await signIn(first.page, newPerson());
  await first.send('/count 5000 20');
  await first.readUntil('3 ');
  await first.send('/echo One.');
  await first.send('/echo Two.');
  await expect(waiting(first)).toHaveCount(2);
  const second = await first.secondTab();
  await server.kill();
  await server.start();
  const held = (chat: Chat) => chat.ownMessages.filter({ hasText: 'the last reply did not finish' });
  for (const chat of [first, second]) await expect(held(chat)).toHaveCount(2);
  await held(second).filter({ hasText: 'One.' }).getByRole('button', { name: 'Send now' }).click();
  // Its reply is complete, so the other message follows.
  for (const chat of [first, second]) {
    await expect(chat.replies).toHaveText([/The server stopped/, /Assistant\s+One\./, /Assistant\s+Two\./]);
  }
  await context.close();
});
