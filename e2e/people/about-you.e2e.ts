import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('what a person writes about themselves is the same in all tabs, and belongs to the conversations that begin with it', async ({
  page,
  context,
}) => {
  await signIn(page, newPerson(), '/profile');
  const other = await context.newPage();
  await other.goto('/profile');
  await page.getByLabel('About me').fill('I am a nurse.');
  await page.getByLabel('How replies should be').fill('x'.repeat(2001));
  const section = page.getByRole('region', { name: 'About you' });
  await expect(section.getByRole('alert')).toHaveText('At most 2,000 characters.');
  await expect(section.getByRole('button', { name: 'Save changes' })).toBeDisabled();
  await page.getByLabel('How replies should be').fill('Short.');
  await section.getByRole('button', { name: 'Save changes' }).click();
  await expect(section.getByText('Saved')).toBeVisible();
  await expect(other.getByLabel('About me')).toHaveValue('I am a nurse.');
  await expect(other.getByLabel('How replies should be')).toHaveValue('Short.');

  await page.goto('/chat');
  const chat = new Chat(page);
  await chat.send('/echo hello');
  await chat.finished();
  await page.getByRole('button', { name: /^Model: / }).click();
  await page.getByRole('menuitem', { name: 'Instructions and parameters' }).click();
  const dialog = page.getByRole('dialog');
  const use = dialog.getByRole('switch', { name: 'Use what you wrote about yourself' });
  await expect(use).toBeChecked();
  await dialog.getByText('Show the text').click();
  await expect(dialog.getByText('I am a nurse.')).toBeVisible();
  await use.click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();

  // Switched off in one tab, it is off in the other.
  await page.goto('/profile');
  await page.getByRole('switch', { name: 'Use these in new conversations' }).click();
  await expect(other.getByRole('switch', { name: 'Use these in new conversations' })).not.toBeChecked();
});
