import type { Page } from '@playwright/test';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const section = (page: Page) => page.getByRole('region', { name: 'Access tokens' });

/** What a program with this token gets. */
async function statusOf(page: Page, token: string): Promise<number> {
  const response = await page.request.get('/api/models', { headers: { authorization: `Bearer ${token}` } });
  return response.status();
}

test('an access token is shown once, works, appears in every tab and ends at once', async ({ page, context }) => {
  await signIn(page, newPerson(), '/profile');
  const other = await context.newPage();
  await other.goto('/profile');
  await expect(section(other).getByText('No access tokens yet.')).toBeVisible();

  await section(page).getByRole('button', { name: 'New token' }).click();
  const form = page.getByRole('form', { name: 'New token' });
  await form.getByRole('button', { name: 'Create token' }).click();
  await expect(form.getByRole('alert')).toHaveText('Give the token a name, so that you recognise it later.');
  await form.getByLabel('Name').fill('Nightly summary');
  await form.getByLabel('Expires').selectOption('On a date');
  await form.getByRole('button', { name: 'Create token' }).click();
  await expect(form.getByRole('alert')).toHaveText('Choose today or a later day.');
  await form.getByLabel('Expires').selectOption('After 30 days');
  await form.getByRole('button', { name: 'Create token' }).click();

  const secret = section(page).getByLabel('Access token', { exact: true });
  await expect(secret).toBeFocused();
  const token = await secret.inputValue();
  expect(token).toMatch(/^lsk_[0-9A-Za-z]{49}$/);
  await expect(section(other).getByText('Nightly summary')).toBeVisible();
  await expect(section(other).getByText(token)).toBeHidden();
  expect(await statusOf(page, token)).toBe(200);
  await expect(section(page).getByText(`${new URL(page.url()).origin}/v1`)).toBeVisible();

  await section(page).getByRole('button', { name: 'Done' }).click();
  await expect(secret).toBeHidden();
  await expect(section(page).getByRole('button', { name: 'New token' })).toBeFocused();
  await page.reload();
  await expect(section(page).getByText('Last used just now')).toBeVisible();
  expect(await page.content()).not.toContain(token);

  await section(other).getByRole('button', { name: 'End token Nightly summary' }).click();
  await other.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await expect(section(page).getByText('No access tokens yet.')).toBeVisible();
  expect(await statusOf(page, token)).toBe(401);
});
