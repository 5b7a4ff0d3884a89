import type { Browser, Locator, Page, Request } from '@playwright/test';
import { scaled } from '../../backend/testing/pace.ts';
import { Chat } from '../support/chat.ts';
import { delayOf } from '../support/moments.ts';
import { startOtherModel } from '../support/other-model.ts';
import { agree, signInAt, startRealms } from '../support/realms.ts';
import { expect, test } from '../support/test.ts';
import { limitTokens } from './limit-tokens.ts';

const [ANN, MARY, TOM] = ['ann@red.example', 'mary@red.example', 'tom@blue.example'];

/** Two tabs of a person who has just signed in; the second one is where the first one was. */
async function twoTabs(browser: Browser, realm: 'red' | 'blue', login: string, address: string): Promise<[Page, Page]> {
  const context = await browser.newContext();
  const [one, other] = [await context.newPage(), await context.newPage()];
  await signInAt(realm, one, login, address);
  await other.goto(address);
  await expect(other.getByRole('main')).toBeVisible();
  return [one, other];
}

const picker = (page: Page, model: string): Locator => page.getByRole('button', { name: `Model: ${model}` });

/** Clicks, and returns the time by the clock of the page. */
async function click(button: Locator): Promise<number> {
  const at = await button.evaluate(() => Date.now());
  await button.click();
  return at;
}

test('[A2] three people with two tabs each: sign-in, models, announcements, budgets and deletion, each seen in every tab within a second', async ({
  startServer,
  browser,
}) => {
  await using model = await startOtherModel(['small', 'large']);
  await using realms = await startRealms(startServer, {
    environment: { ...model.environment, ADMIN_EMAILS: ANN },
  });
  const { url } = realms;
  const delays: [what: string, ms: number, limit: number][] = [];
  const note = (what: string, ms: number, limit = 1_000): void => void delays.push([what, ms, limit]);

  const anns = await twoTabs(browser, 'red', ANN, `${url}/admin/users`);
  const marys = await twoTabs(browser, 'red', MARY, `${url}/profile`);
  const toms = await twoTabs(browser, 'blue', TOM, `${url}/chat`);
  const everybody = [...anns, ...marys, ...toms];

  // A second provider is linked in one tab and seen in the other, and then signs in to the same account.
  await marys[0].getByRole('button', { name: 'Add Realm blue' }).click();
  const isLink = (request: Request) => request.method() === 'POST' && request.url() === `${url}/api/auth/identities`;
  const linked = marys[0].waitForRequest(isLink).then(() => Date.now());
  const seen = delayOf([marys[1]], 'mary@blue.example', () => linked);
  await agree(marys[0], 'mary@blue.example');
  note('a second provider is linked', await seen);
  const phone = await browser.newContext();
  const elsewhere = await phone.newPage();
  await signInAt('blue', elsewhere, 'mary@blue.example', `${url}/chat`);
  await expect(elsewhere.getByText(MARY, { exact: true })).toBeVisible();
  await phone.close();

  // A model is taken away from the conversations of two people.
  for (const tabs of [marys, toms]) {
    const chat = new Chat(tabs[0]);
    await tabs[0].goto(`${url}/chat`);
    await picker(tabs[0], 'small').click();
    await tabs[0].getByRole('menuitemradio', { name: 'large' }).click();
    await chat.ask('One?');
    await tabs[1].goto(tabs[0].url());
    await expect(picker(tabs[1], 'large')).toBeVisible();
  }
  const models = await anns[0].context().newPage();
  await models.goto(`${url}/admin/models`);
  await models.getByRole('button', { name: 'Change who may use large' }).click();
  const form = models.getByRole('listitem').filter({ has: models.getByRole('heading', { name: 'large' }) });
  await form.getByRole('radio', { name: 'Only these:' }).check();
  const save = (): Promise<number> => click(form.getByRole('button', { name: 'Save' }));
  const talking = [...marys, ...toms];
  note('a model is taken away', await delayOf(talking, 'You can no longer use this model.', save));
  for (const tabs of [marys, toms]) {
    await picker(tabs[0], 'large').click();
    await tabs[0].getByRole('menuitemradio', { name: 'small' }).click();
    await expect(picker(tabs[1], 'small')).toBeVisible();
  }
  await models.close();

  const announcements = await anns[0].context().newPage();
  await announcements.goto(`${url}/admin/announcements`);
  await announcements.getByRole('textbox', { name: 'Text', exact: true }).fill('The chat is updated tonight.');
  const announce = (): Promise<number> => click(announcements.getByRole('button', { name: 'Show announcement' }));
  note('an announcement', await delayOf(everybody, 'The chat is updated tonight.', announce));
  await announcements.close();

  // A budget is used up, which is told in both tabs; as soon as it is raised the message passes.
  const mary = new Chat(marys[0]);
  const budgets = await anns[0].context().newPage();
  await budgets.goto(`${url}/admin/budgets`);
  await budgets.getByRole('searchbox').fill(MARY);
  const name = `Person at ${MARY}`;
  await limitTokens(budgets, name, 10);
  await mary.composer.fill('Two?');
  const ask = async (): Promise<number> => {
    const at = await marys[0].evaluate(() => Date.now());
    await mary.composer.press('Enter');
    return at;
  };
  const overBudget = 'This is over your budget, which begins anew on';
  note('a budget is used up', await delayOf(marys, overBudget, ask));
  const raise = (): Promise<number> => limitTokens(budgets, name, 1_000_000);
  note('a budget is raised', await delayOf(marys, overBudget, raise, false));
  await mary.thread.getByRole('button').filter({ hasText: 'Try again' }).click();
  await expect(mary.replies).toHaveCount(2);
  await mary.finished();
  await expect(mary.ownMessages).toHaveCount(2);
  await budgets.close();

  // An admin deletes an account: its tabs are signed out, and it leaves the lists of the admin.
  await anns[0].getByRole('button', { name: /^Account of .*tom@/i }).click();
  await anns[0].getByRole('menuitem', { name: 'Delete account…' }).click();
  const dialog = anns[0].getByRole('dialog', { name: /^Delete the account of/ });
  await dialog.getByLabel(/To confirm/).fill(TOM);
  const remove = (): Promise<number> => click(dialog.getByRole('button', { name: 'Delete account' }));
  const left = delayOf([anns[1]], TOM, () => removed, false);
  const removed = remove();
  note('an account is deleted: its tabs', await delayOf(toms, 'Your account was deleted', () => removed));
  note('an account is deleted: the list of the admin', await left);

  const logOut = async (): Promise<number> => {
    const at = Date.now();
    await realms.red.logOut({ sub: MARY });
    return at;
  };
  note('back-channel logout', await delayOf(marys, 'You were signed out', logOut), 2_000);

  const lines = delays.map(([what, ms, limit]) => `${String(ms).padStart(6)} ms of ${limit}  ${what}`);
  console.log(`Until every tab showed it:\n${lines.join('\n')}`);
  for (const [what, ms, limit] of delays) expect(ms, what).toBeLessThan(scaled(limit));
  for (const [page] of [anns, marys, toms]) await page.context().close();
});
