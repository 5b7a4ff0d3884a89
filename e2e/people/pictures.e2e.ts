import type { Locator } from '@playwright/test';
import { ADA, newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const widthOf = (image: Locator): Promise<number> => image.evaluate((one: HTMLImageElement) => one.naturalWidth);

test('the picture of an account is shown in the sidebar, on the profile and to admins, and comes from this server alone', async ({
  page,
  context,
  server,
}) => {
  const elsewhere: string[] = [];
  context.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !/^(blob|data):/.test(request.url())) elsewhere.push(request.url());
  });
  const person = newPerson();
  await signIn(page, person, '/profile');
  // An account that was typed has no picture at the local provider: initials instead.
  const sidebar = page.getByRole('button', { name: person.email });
  await expect(sidebar).toContainText('M');
  await expect(page.locator('.avatar img')).toHaveCount(0);
  await expect(page.getByText('The account you sign in with has no picture that Lockstep can show.')).toBeVisible();

  await context.clearCookies();
  await page.goto('about:blank');
  await signIn(page, ADA, '/profile');
  const images = page.locator('.avatar img');
  // In the sidebar and on the page.
  await expect(images).toHaveCount(2);
  for (const image of await images.all()) await expect.poll(() => widthOf(image)).toBeGreaterThan(100);
  await page.goto('/admin/users');
  const row = page.getByRole('row', { name: ADA.email });
  await expect(row.locator('.avatar img')).toBeVisible();
  await expect(page.getByRole('row', { name: person.email }).locator('.avatar')).toHaveText(/^M/);
  expect(elsewhere).toEqual([]);
});
