import { expect, type Locator, type Page } from '@playwright/test';

/** The role or person with this name on the page of budgets. */
export const budgetItem = (admin: Page, name: string): Locator =>
  admin.getByRole('listitem').filter({ has: admin.getByRole('heading', { name, exact: true }) });

/**
 * Sets the budget of a person or a role for a day, in tokens.
 * @returns the time before the click, by the clock of the page
 */
export async function limitTokens(admin: Page, name: string, tokens: number): Promise<number> {
  await admin.getByRole('button', { name: `Change the budget of ${name}` }).click();
  const form = budgetItem(admin, name);
  await form.getByRole('radio', { name: 'Limit in tokens' }).check();
  await form.getByRole('spinbutton', { name: 'On a day' }).fill(String(tokens));
  const at = await admin.evaluate(() => Date.now());
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText(`${new Intl.NumberFormat('en').format(tokens)} tokens a day`)).toBeVisible();
  return at;
}
