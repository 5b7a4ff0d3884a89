import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { seedConversation } from '../support/conversation/seed-conversation.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const LONG_LINE = `const line = '${'a very long line of code '.repeat(20)}';`;

test('a conversation is printed as a document: its title, all messages with their authors, and nothing else', async ({
  page,
  server,
}) => {
  const person = newPerson();
  await signIn(page, person);
  const texts = Array.from({ length: 260 }, (_, at) => `Message number ${at}.`);
  texts[1] = `\`\`\`js\n${LONG_LINE}\n\`\`\``;
  const { id } = seedConversation(server.databasePath, person.email, texts);
  await page.goto(`/chat/${id}`);
  await expect(page.getByText('Message number 259.')).toBeVisible();
  await page.evaluate(() => document.documentElement.classList.add('dark'));
  await page.emulateMedia({ media: 'print' });
  const paper = page.locator('.printed');
  await expect(paper.getByRole('heading', { level: 1, name: 'A long talk' })).toBeVisible();
  await expect(paper.locator('section')).toHaveCount(260);
  await expect(paper.locator('section').first()).toContainText(person.name);
  await expect(paper.locator('section').nth(1)).toContainText('Assistant');
  await expect(paper.locator('section').last()).toContainText('Message number 259.');
  for (const chrome of [new Chat(page).composer, page.getByRole('complementary'), new Chat(page).thread]) {
    await expect(chrome).toBeHidden();
  }
  await expect(paper.getByRole('button')).toHaveCount(0);
  const code = await paper
    .locator('pre')
    .first()
    .evaluate((pre) => pre.scrollWidth - pre.clientWidth);
  expect(code).toBeLessThanOrEqual(1);
  const colour = await paper.evaluate((element) => getComputedStyle(element).color);
  expect(colour).toMatch(/oklch\(0\.2/);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(5_000);
  await page.emulateMedia({ media: 'screen' });
  await expect(paper).toHaveCount(0);
  await expect(page.getByText('Message number 259.')).toBeVisible();
});

test('printing by shortcut or menu loads the whole conversation first', async ({ page, server }) => {
  const person = newPerson();
  await signIn(page, person);
  const { id } = seedConversation(
    server.databasePath,
    person.email,
    Array.from({ length: 120 }, (_, at) => `Message number ${at}.`),
  );
  await page.addInitScript(() => {
    window.print = () => {
      dispatchEvent(new Event('beforeprint'));
      document.title = `printed ${document.querySelectorAll('.printed section').length}`;
      dispatchEvent(new Event('afterprint'));
    };
  });
  await page.goto(`/chat/${id}`);
  await expect(page.getByText('Message number 119.')).toBeVisible();
  await page.keyboard.press('Control+P');
  await expect(page).toHaveTitle('printed 120');
  await page.evaluate(() => (document.title = ''));
  await page.getByRole('button', { name: 'Options for this conversation' }).click();
  await page.getByRole('menuitem', { name: 'Print' }).click();
  await expect(page).toHaveTitle('printed 120');
  await expect(page.locator('.printed')).toHaveCount(0);
});
