import { Chat, counted } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { ReplyRecorder, type Shown } from '../support/reply-recorder.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

/** The shown text never shrank or changed: each text begins with the previous one. */
function expectToGrow(shown: readonly Shown[]): void {
  shown.forEach(({ text }, index) => {
    const before = shown[index - 1]?.text ?? '';
    expect(text.startsWith(before), `${JSON.stringify(text)} goes on from ${JSON.stringify(before)}`).toBe(true);
  });
}

test('[L10] a reply grows word by word, in the sending tab and in a second one at the same time', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.ask('/echo Ready.');
  const second = await first.secondTab();
  await expect(second.replyText).toHaveText('Ready.');

  const recorders = [await ReplyRecorder.start(page), await ReplyRecorder.start(second.page)] as const;
  await first.send('/count 60 20');
  await expect(first.replyText).toHaveText(counted(60));
  await expect(second.replyText).toHaveText(counted(60));
  const [inFirst, inSecond] = [await recorders[0].shown(), await recorders[1].shown()];
  for (const shown of [inFirst, inSecond]) {
    const grown = shown.filter(({ text }) => text !== 'Ready.');
    expect(grown.length).toBeGreaterThan(5);
    expectToGrow(grown);
  }
  // Not one after the other: the second tab had most of the text before the first one had the end.
  const end = inFirst.at(-1)?.at ?? 0;
  expect(inSecond.filter(({ at }) => at < end).length).toBeGreaterThan(5);
});

test('[L3] a tab opened in the middle of a reply shows the text so far, and follows the rest', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.send('/count 250 25');
  await first.readUntil('20 ');
  const second = await first.secondTab();
  const joined = await second.readUntil('20 ');
  expect(counted(250).startsWith(joined)).toBe(true);
  expect(joined).not.toContain('250');
  await expect(second.stopButton).toBeVisible();
  await expect(second.replyText).toHaveText(counted(250));
  await expect(first.replyText).toHaveText(counted(250));
});

test('Stop in one tab stops the reply in all tabs, and its text stays', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.send('/count 5000 20');
  await first.readUntil('5 ');
  const second = await first.secondTab();
  await second.readUntil('5 ');
  await second.stopButton.click();
  for (const chat of [first, second]) {
    await expect(chat.thread.getByText('You stopped this reply.')).toBeVisible();
    await expect(chat.stopButton).toBeHidden();
    await expect(chat.composer).toBeEditable();
  }
  const text = await first.replyText.innerText();
  expect(counted(5000).startsWith(text.trim())).toBe(true);
  expect(await second.replyText.innerText()).toBe(text);
});

test('[L9] a reply continues when every tab is closed, and is complete in a new tab', async ({ page, context }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/count 120 30');
  await chat.readUntil('10 ');
  const address = page.url();
  await page.close();
  const again = new Chat(await context.newPage());
  await again.page.goto(address);
  await expect(again.replyText).toHaveText(counted(120));
});

test('a reply can be regenerated, and both tabs switch between the versions together', async ({ page }) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.ask('/echo The same again.');
  const second = await first.secondTab();
  await first.replies.last().getByRole('button', { name: 'Try again' }).click();
  for (const chat of [first, second]) {
    await expect(chat.replies).toHaveCount(1);
    await expect(chat.replies.getByLabel('Version 2 of 2')).toBeVisible();
    await expect(chat.replyText).toHaveText('The same again.');
  }
  await second.replies.getByRole('button', { name: 'Previous version' }).click();
  for (const chat of [first, second]) await expect(chat.replies.getByLabel('Version 1 of 2')).toBeVisible();
});

test('an edited message begins another branch, and the first one can be shown again', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Before.');
  await chat.ownMessages.hover();
  await chat.ownMessages.getByRole('button', { name: 'Edit message' }).click();
  await page.getByRole('textbox', { name: 'Edit message' }).fill('/echo After.');
  await page.keyboard.press('Enter');
  await expect(chat.replyText).toHaveText('After.');
  await expect(chat.ownMessages).toHaveCount(1);
  await chat.ownMessages.getByRole('button', { name: 'Previous version' }).click();
  await expect(chat.replyText).toHaveText('Before.');
});
