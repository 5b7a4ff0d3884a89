import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test.describe('the draft', () => {
  const notice = (page: Page) => page.getByText('You are typing on another device');

  test('text typed in one tab appears in another, survives a reload, and is gone in both when it is sent', async ({
    page,
  }) => {
    await signIn(page, newPerson());
    const first = new Chat(page);
    await first.ask('/echo Hello.');
    const second = await first.secondTab();
    await expect(second.composer).toBeFocused();
    await first.composer.pressSequentially('/echo Half');
    await expect(second.composer).toHaveValue('/echo Half');
    await expect(notice(second.page)).toBeVisible();
    await expect(notice(page)).toBeHidden();
    await expect(notice(second.page)).toBeHidden();

    await second.page.reload();
    await expect(second.composer).toHaveValue('/echo Half');
    await second.composer.pressSequentially(' and half.');
    await expect(first.composer).toHaveValue('/echo Half and half.');
    expect(await first.composer.evaluate((field: HTMLTextAreaElement) => field.selectionEnd)).toBe(20);
    await second.composer.press('Enter');
    await expect(second.replyText).toHaveText('Half and half.');
    await expect(first.composer).toHaveValue('');
    await expect(first.replyText).toHaveText('Half and half.');
  });

  test('the draft of a new conversation appears on another device, and each conversation has its own', async ({
    page,
    browser,
    baseURL,
  }) => {
    const person = newPerson();
    await signIn(page, person);
    const here = new Chat(page);
    await here.composer.fill('Not begun yet');
    const elsewhere = await browser.newContext(baseURL ? { baseURL } : {});
    const there = new Chat(await elsewhere.newPage());
    await signIn(there.page, person);
    await expect(there.composer).toHaveValue('Not begun yet');
    await there.composer.fill('/echo Begun elsewhere.');
    await expect(here.composer).toHaveValue('/echo Begun elsewhere.');
    await there.composer.press('Enter');
    await expect(there.replyText).toHaveText('Begun elsewhere.');
    await expect(here.composer).toHaveValue('');
    await there.composer.fill('A second thought');
    await here.inSidebar('Begun elsewhere').click();
    await expect(here.composer).toHaveValue('A second thought');
    await page.getByRole('link', { name: 'New conversation' }).first().click();
    await expect(here.composer).toHaveValue('');
    await elsewhere.close();
  });

  test('a text that is too long is kept unchanged, with a message', async ({ page }) => {
    await signIn(page, newPerson());
    const chat = new Chat(page);
    const text = 'A word of a long text. '.repeat(4_000).trim();
    await chat.composer.fill(text);
    await expect(page.getByRole('alert')).toHaveText(/Messages can be up to \d+ KB long/);
    await expect(chat.sendButton).toBeDisabled();
    await chat.composer.press('Enter');
    await page.reload();
    await expect(chat.composer).toHaveValue(text);
  });
});
