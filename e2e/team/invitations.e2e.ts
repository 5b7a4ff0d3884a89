import { ADA, newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('an invitation waits in the tabs of all admins, gives the first sign-in its role, and is gone then', async ({
  page,
  context,
  browser,
  server,
}) => {
  const person = newPerson('Grace');
  await signIn(page, ADA, '/admin/invitations');
  const second = await context.newPage();
  await second.goto('/admin/invitations');
  await expect(page.getByLabel('Link to pass on')).toHaveValue(`${server.url}/`);

  const email = page.getByLabel('Email address');
  const send = page.getByRole('button', { name: 'Invite', exact: true });
  await send.click();
  await expect(page.getByRole('alert')).toHaveText('Type a complete email address.');
  await expect(email).toBeFocused();
  await email.fill(person.email.toUpperCase());
  await page.getByLabel('Role', { exact: true }).selectOption({ value: 'admin' });
  await send.click();
  await expect(page.getByText(`${person.email.toUpperCase()} is invited with the role admin.`)).toBeVisible();
  for (const tab of [page, second]) {
    const item = tab.getByRole('listitem').filter({ hasText: person.email.toUpperCase() });
    await expect(item).toContainText('Admin');
    await expect(item).toContainText(/Expires on \w+ \d+, \d{4}/);
    await expect(item).toContainText('by ada@example.com');
  }

  const ofGrace = await browser.newContext({ baseURL: server.url });
  const grace = await ofGrace.newPage();
  await signIn(grace, person, '/admin/users');
  await expect(grace.getByRole('heading', { name: 'Users' })).toBeVisible();
  for (const tab of [page, second])
    await expect(tab.getByText(person.email.toUpperCase())).toHaveCount(tab === page ? 1 : 0);

  // She has an account now.
  await email.fill(person.email);
  await send.click();
  await expect(page.getByRole('alert')).toHaveText(
    'Someone with this address has an account already. Change the role on the page of that person.',
  );
  await page.goto('/admin/audit');
  await expect(
    page.getByText(`${person.email} signed in for the first time, invited by ada@example.com`),
  ).toBeVisible();
  await ofGrace.close();
});

test('an invitation that is withdrawn has no effect, in every tab', async ({ page, context, browser, server }) => {
  const person = newPerson();
  await signIn(page, ADA, '/admin/invitations');
  const second = await context.newPage();
  await second.goto('/admin/invitations');
  await page.getByLabel('Email address').fill(person.email);
  await page.getByLabel('Role', { exact: true }).selectOption({ value: 'admin' });
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const withdraw = `Withdraw the invitation of ${person.email}`;
  await expect(page.getByRole('button', { name: withdraw })).toBeVisible();
  await second.getByRole('button', { name: withdraw }).click();
  for (const tab of [page, second]) await expect(tab.getByRole('button', { name: withdraw })).toBeHidden();
  const ofMary = await browser.newContext({ baseURL: server.url });
  const mary = await ofMary.newPage();
  await signIn(mary, person, '/admin/users');
  await expect(mary.getByRole('heading', { name: 'Users' })).toBeHidden();
  await ofMary.close();
});
