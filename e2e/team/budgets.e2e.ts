import { Chat } from '../support/chat.ts';
import { ADA, newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';
import { budgetItem, limitTokens } from './limit-tokens.ts';

test('a budget that is used up is told in every tab, and when it is raised the message passes without a reload', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const [ofAda, ofMary] = [
    await browser.newContext({ baseURL: server.url }),
    await browser.newContext({ baseURL: server.url }),
  ];
  const person = newPerson();
  const chat = new Chat(await ofMary.newPage());
  await signIn(chat.page, person);
  await chat.ask('One?');
  const other = await chat.secondTab();
  const profile = await ofMary.newPage();
  await profile.goto('/profile');
  await expect(profile.getByText('There is no limit for you.')).toBeVisible();

  const admin = await ofAda.newPage();
  await signIn(admin, ADA, '/admin/budgets');
  const secondAdmin = await ofAda.newPage();
  await secondAdmin.goto('/admin/budgets');
  for (const tab of [admin, secondAdmin]) await tab.getByRole('searchbox').fill(person.email);
  await expect(budgetItem(admin, person.name)).toHaveCount(1);

  // Entered wrongly first.
  await admin.getByRole('button', { name: `Change the budget of ${person.name}` }).click();
  await budgetItem(admin, person.name).getByRole('radio', { name: 'Limit in tokens' }).check();
  await budgetItem(admin, person.name).getByRole('button', { name: 'Save' }).click();
  await expect(budgetItem(admin, person.name).getByRole('alert')).toHaveText('Enter a limit for a day or a month.');
  await budgetItem(admin, person.name).getByRole('button', { name: 'Cancel' }).click();

  await limitTokens(admin, person.name, 10);
  await expect(budgetItem(secondAdmin, person.name).getByText('10 tokens a day')).toBeVisible();
  await expect(profile.getByText('0 tokens of 10 tokens left')).toBeVisible();
  await expect(profile.getByText(/^Begins anew on /)).toBeVisible();

  const sentence = /^This is over your budget, which begins anew on .+\. An admin can raise it\.$/;
  await chat.composer.fill('Two?');
  await chat.composer.press('Enter');
  await expect(chat.thread.getByRole('alert')).toHaveText('This message is over your budget.');
  for (const { page } of [chat, other]) await expect(page.getByText(sentence)).toBeVisible();
  // It stays for a tab that is opened later, and the text is not lost.
  const later = await chat.secondTab();
  await expect(later.page.getByText(sentence)).toBeVisible();
  await chat.page.reload();
  await expect(chat.page.getByText(sentence)).toBeVisible();
  await expect(chat.thread.getByText('Two?')).toBeVisible();

  await limitTokens(admin, person.name, 1_000_000);
  for (const { page } of [chat, other, later]) await expect(page.getByText(sentence)).toHaveCount(0);
  await expect(profile.getByText(/ of 1,000,000 tokens left$/)).toBeVisible();
  await chat.thread.getByRole('button').filter({ hasText: 'Try again' }).click();
  await expect(chat.replies).toHaveCount(2);
  await chat.finished();
  await expect(chat.ownMessages).toHaveCount(2);
  await expect(other.ownMessages).toHaveCount(2);

  await admin.goto('/admin/audit');
  await expect(
    admin.getByText(/changed the budget of .+, from 10 tokens a day to 1,000,000 tokens a day/).first(),
  ).toBeVisible();
  await Promise.all([ofAda.close(), ofMary.close()]);
});
