import { expect, type Page } from '@playwright/test';
import { ADA, type Person } from './people.ts';

/** Opens a page without being signed in, and signs in through the stand-in for Google on the way. */
export async function signIn(page: Page, person: Person, path = '/chat'): Promise<void> {
  await page.goto(path);
  await page.getByRole('button', { name: 'Continue with Google' }).click();
  await chooseAccount(page, person);
  await expect(page).toHaveURL((url) => url.pathname === path);
  await expect(page.getByRole('main')).toBeVisible();
}

/** Answers the stand-in provider's question who one is. */
export async function chooseAccount(page: Page, person: Person): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
  if (person === ADA) {
    await page.getByRole('button', { name: person.email }).click();
    return;
  }
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Name').fill(person.name);
  await page.getByRole('button', { name: 'Continue' }).click();
}
