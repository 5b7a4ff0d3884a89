import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('from signing in to a stopped reply with the keyboard only', async ({ page }) => {
  const { email, name } = newPerson();
  const press = async (key: string, times = 1): Promise<void> => {
    for (let pressed = 0; pressed < times; pressed += 1) await page.keyboard.press(key);
  };
  await page.goto('/chat');
  const enter = page.getByRole('button', { name: 'Continue with Google' });
  await enter.waitFor();
  await press('Tab');
  await expect(enter).toBeFocused();
  await press('Enter');
  await page.getByRole('heading', { name: 'Choose an account' }).waitFor();
  // Past the three accounts that are offered.
  await press('Tab', 4);
  await page.keyboard.type(email);
  await press('Tab');
  await page.keyboard.type(name);
  await press('Enter');

  const chat = new Chat(page);
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('/count 3000 20');
  await press('Enter');
  await chat.readUntil('5 ');
  await expect(chat.composer).toBeFocused();
  await press('Escape');
  await expect(chat.thread.getByText('You stopped this reply.')).toBeVisible();

  await page.keyboard.type('/echo one');
  await press('Shift+Enter');
  await page.keyboard.type('two');
  await press('Enter');
  await expect(chat.ownMessages.last()).toContainText('/echo one\ntwo');
  // A sent message is shown before it is acknowledged.
  await expect(chat.replies).toHaveCount(2);
  await chat.finished();
  await press('ArrowUp');
  await expect(page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
  await press('Escape');
  await expect(chat.composer).toBeFocused();

  await press('Control+Shift+O');
  await expect(page.getByText('What are we working on')).toBeVisible();
  await press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Search' })).toBeVisible();
  await press('Escape');
  await press('Alt+ArrowDown');
  await expect(chat.ownMessages.first()).toBeVisible();
  await press('Control+b');
  await expect(chat.sidebar).toBeHidden();
  await press('Control+b');
  await expect(chat.sidebar).toBeVisible();
});

test('the list of shortcuts opens with a question mark, except in a text field', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.composer.press('?');
  await expect(chat.composer).toHaveValue('?');
  await chat.composer.fill('');
  await page.getByRole('link', { name: 'New conversation' }).first().focus();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Shift');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
