import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('a new conversation gets a title from the model in every tab', async ({ page, context }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  const second = new Chat(await context.newPage());
  await second.page.goto('/profile');
  await first.send('What is a vector clock good for?');
  // The first words are shown until the model has generated a title.
  for (const chat of [first, second]) await expect(chat.inSidebar(/What is a vector clock/)).toBeVisible();
  // A reply without text gets no title.
  await first.readUntil(/\w/);
  await first.stopButton.click();
  await first.finished();
  for (const chat of [first, second]) await expect(chat.inSidebar(/^A vector clock good for/)).toBeVisible();
  await expect(page).toHaveTitle('A vector clock good for · Lockstep');
});

test('renaming, pinning and deleting in one tab are shown in the other, and an open conversation says that it is gone', async ({
  page,
  context,
}) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.ask('/echo Alpha');
  const alpha = page.url();
  await expect(first.inSidebar('Alpha')).toBeVisible();
  await page.goto('/chat');
  await first.ask('/echo Beta');
  await expect(first.inSidebar('Beta')).toBeVisible();
  const second = new Chat(await context.newPage());
  await second.page.goto(alpha);
  await expect(second.sidebar.getByRole('link')).toHaveText([/Beta/, /Alpha/]);

  await first.openMenuOf('Alpha');
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Conversation title' }).fill('Omega');
  await page.keyboard.press('Enter');
  await expect(second.inSidebar('Omega')).toBeVisible();
  await expect(second.page.getByRole('heading', { level: 1, name: 'Omega' })).toBeVisible();

  await first.openMenuOf('Omega');
  await page.getByRole('menuitem', { name: 'Pin', exact: true }).click();
  await expect(second.sidebar.getByRole('heading').first()).toHaveText('Pinned');
  await expect(second.sidebar.getByRole('link')).toHaveText([/Omega/, /Beta/]);

  await first.openMenuOf('Omega');
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(second.page.getByRole('heading', { name: 'This conversation was deleted' })).toBeVisible();
  for (const chat of [first, second]) await expect(chat.sidebar.getByRole('link')).toHaveText([/Beta/]);
  await expect(second.composer).toBeHidden();
});

test('a reply that ends in a conversation out of view leaves a dot in the sidebar', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/count 100 20');
  await chat.readUntil('5 ');
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await expect(chat.sidebar.getByRole('img', { name: 'A reply is being written' })).toBeVisible();
  await expect(chat.sidebar.getByRole('img', { name: 'New reply' })).toBeVisible();
  await chat.sidebar.getByRole('link').click();
  await expect(chat.replyText).toContainText('100');
  await expect(chat.sidebar.getByRole('img', { name: 'New reply' })).toBeHidden();
});

test('search finds a conversation by the text of its messages', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Gamma hides a chrysanthemum');
  await page.goto('/chat');
  await chat.ask('/echo Delta');
  await page.goto('/chat');
  await chat.composer.waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('chrysanthemum');
  await page.getByRole('option', { name: /Gamma/ }).click();
  await expect(chat.replyText).toHaveText('Gamma hides a chrysanthemum');
});

test('[A3] the conversation of another user looks exactly like one that does not exist', async ({ page, browser }) => {
  await signIn(page, newPerson());
  const owner = new Chat(page);
  await owner.ask('/echo Private');
  const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
  const stranger = await context.newPage();
  await signIn(stranger, newPerson('Percy'));
  const seen: string[] = [];
  for (const path of [new URL(page.url()).pathname, '/chat/00000000-0000-4000-8000-000000000000']) {
    await stranger.goto(path);
    await stranger.getByRole('heading', { name: 'Conversation not found' }).waitFor();
    seen.push(await stranger.getByRole('main').innerText());
  }
  expect(seen[0]).toBe(seen[1]);
  expect(seen[0]).not.toContain('Private');
  await context.close();
});
