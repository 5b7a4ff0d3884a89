import type { Locator, Page } from '@playwright/test';
import { scaled } from '../../backend/testing/pace.ts';
import { Chat } from '../support/chat.ts';
import { delayOf } from '../support/moments.ts';
import { startOtherModel } from '../support/other-model.ts';
import { ADA, newPerson, type Person } from '../support/people.ts';
import { chooseRole } from '../support/roles.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const picker = ({ page }: Chat, model: string): Locator => page.getByRole('button', { name: `Model: ${model}` });
const item = (admin: Page, model: string): Locator =>
  admin.getByRole('listitem').filter({ has: admin.getByRole('heading', { name: model }) });

/** Restricts a model to the admins and these people, and returns the time of the click by the clock of the page. */
async function restrict(admin: Page, model: string, people: readonly Person[] = []): Promise<number> {
  await admin.getByRole('button', { name: `Change who may use ${model}` }).click();
  const form = item(admin, model);
  await form.getByRole('radio', { name: 'Only these:' }).check();
  await expect(form.getByRole('checkbox', { name: 'Everyone with the role Admin' })).toBeChecked();
  for (const { name, email } of people) {
    await form.getByRole('searchbox').fill(email);
    await form.getByRole('button', { name: `Add ${name}` }).click();
    await expect(form.getByRole('button', { name: `Remove ${name}` })).toBeVisible();
  }
  const at = await admin.evaluate(() => Date.now());
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText(/^Only: Admin/)).toBeVisible();
  return at;
}

async function open(admin: Page, model: string): Promise<void> {
  await admin.getByRole('button', { name: `Change who may use ${model}` }).click();
  await item(admin, model).getByRole('radio', { name: 'Everyone with access' }).check();
  await item(admin, model).getByRole('button', { name: 'Save' }).click();
  await expect(item(admin, model).getByText('Everyone with access')).toBeVisible();
}

test('[A2] who may use a model changes in every open tab within a second, and what is taken away is explained', async ({
  startServer,
  browser,
}) => {
  const model = await startOtherModel(['small', 'medium', 'large']);
  const server = await startServer(model.environment);
  const [ofAda, ofMary] = [
    await browser.newContext({ baseURL: server.url }),
    await browser.newContext({ baseURL: server.url }),
  ];
  const person = newPerson();
  const chat = new Chat(await ofMary.newPage());
  await signIn(chat.page, person);
  await picker(chat, 'small').click();
  await chat.page.getByRole('menuitemradio', { name: 'large' }).click();
  await chat.ask('One?');
  const other = await chat.secondTab();
  const fresh = new Chat(await ofMary.newPage());
  await fresh.page.goto('/chat');
  for (const tab of [chat, other, fresh]) await expect(picker(tab, 'large')).toBeVisible();

  const admin = await ofAda.newPage();
  await signIn(admin, ADA, '/admin/models');
  await expect(admin.getByText('Everyone with access may use a model until you choose otherwise.')).toBeVisible();
  const gone = 'You can no longer use this model. Choose another one.';
  const tabs = [chat.page, other.page];
  expect(await delayOf(tabs, gone, () => restrict(admin, 'large'))).toBeLessThan(scaled(1_000));
  // A conversation that has not begun goes on with the model that remains.
  await expect(picker(fresh, 'small')).toBeVisible();

  // The message is refused with a sentence, and kept; another model lets it through.
  await chat.composer.fill('Two?');
  await chat.composer.press('Enter');
  await expect(chat.thread.getByRole('alert')).toHaveText(gone);
  await picker(chat, 'large').click();
  await expect(chat.page.getByRole('menuitemradio')).toHaveText(['small', 'medium']);
  await chat.page.getByRole('menuitemradio', { name: 'small' }).click();
  await expect(picker(other, 'small')).toBeVisible();
  await chat.thread.getByRole('button').filter({ hasText: 'Try again' }).click();
  await expect(chat.replies).toHaveCount(2);
  await chat.finished();
  await expect(chat.ownMessages).toHaveCount(2);
  expect(model.requests.filter(({ body }) => body.stream).map(({ body }) => body.model)).toEqual(['large', 'small']);

  // For a single person, for a role, and for everybody again.
  const offered = async (wanted: readonly string[]): Promise<void> => {
    for (const tab of [other, fresh]) {
      await expect(async () => {
        await picker(tab, 'small').click();
        const items = tab.page.getByRole('menuitemradio');
        const names = await items.allTextContents();
        await tab.page.keyboard.press('Escape');
        expect(names.map((name) => name.trim())).toEqual(wanted);
      }).toPass();
    }
  };
  await fresh.page.reload();
  await open(admin, 'large');
  await restrict(admin, 'large', [person]);
  await expect(item(admin, 'large').getByText(`Only: Admin, ${person.name}`)).toBeVisible();
  await expect(picker(fresh, 'large')).toBeVisible();
  await open(admin, 'large');
  await restrict(admin, 'large');
  await expect(picker(fresh, 'small')).toBeVisible();
  const users = await ofAda.newPage();
  await users.goto('/admin/users');
  await chooseRole(users, person, 'Admin');
  await expect(picker(fresh, 'large')).toBeVisible();
  await chooseRole(users, person, 'User');
  await expect(picker(fresh, 'small')).toBeVisible();
  await offered(['small', 'medium']);
  await users.goto('/admin/audit');
  await expect(users.getByText(/changed who may use large, from everyone to admin/).first()).toBeVisible();
  await Promise.all([ofAda.close(), ofMary.close()]);
  await model[Symbol.asyncDispose]();
});

test('a queued message to a model that was taken away says so in the thread, and can be asked again', async ({
  startServer,
  browser,
}) => {
  const server = await startServer({ OPENAI_MODELS: 'small,medium,large' });
  const [ofAda, ofMary] = [
    await browser.newContext({ baseURL: server.url }),
    await browser.newContext({ baseURL: server.url }),
  ];
  const chat = new Chat(await ofMary.newPage());
  await signIn(chat.page, newPerson());
  await picker(chat, 'small').click();
  await chat.page.getByRole('menuitemradio', { name: 'large' }).click();
  await chat.send('/count 400 20');
  await chat.readUntil('5 ');
  await chat.send('/echo The second.');
  const admin = await ofAda.newPage();
  await signIn(admin, ADA, '/admin/models');
  await restrict(admin, 'large');
  // The reply that is being written is not stopped.
  await expect(chat.replies.first()).toContainText('399 400');
  const failure = chat.thread.getByRole('alert').filter({ hasText: 'You may not use this model' });
  await expect(failure).toContainText('Choose another model below, then try again.');
  await expect(chat.ownMessages.last()).toContainText('/echo The second.');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await expect(chat.page.getByText('You can no longer use this model.').first()).toBeVisible();
  await picker(chat, 'large').click();
  await chat.page.getByRole('menuitemradio', { name: 'small' }).click();
  await failure.getByRole('button', { name: 'Try again' }).click();
  await expect(chat.replyText).toHaveText('The second.');

  // Without any model, the composer says whom to ask.
  for (const model of ['small', 'medium']) await restrict(admin, model);
  await expect(chat.page.getByText('You may not use any model at the moment. Ask an admin.')).toBeVisible();
  await Promise.all([ofAda.close(), ofMary.close()]);
});

test('the page about models asks for at least one role or person, and keeps what another admin has saved', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  const [admin, other] = [await context.newPage(), await context.newPage()];
  await signIn(admin, ADA, '/admin/models');
  await other.goto('/admin/models');
  await admin.getByRole('button', { name: 'Change who may use gpt-4.1' }).click();
  const form = item(admin, 'gpt-4.1');
  await form.getByRole('radio', { name: 'Only these:' }).check();
  await form.getByRole('checkbox', { name: 'Everyone with the role Admin' }).uncheck();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('alert')).toHaveText('Choose at least one role or person.');
  await form.getByRole('searchbox').fill('nobody has this name');
  await expect(form.getByText('No users match “nobody has this name”.')).toBeVisible();
  await form.getByRole('checkbox', { name: 'Everyone with the role User' }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(item(other, 'gpt-4.1').getByText('Only: User')).toBeVisible();
  await context.close();
});
