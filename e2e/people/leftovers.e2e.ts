import type { Page } from '@playwright/test';
import Sqlite from 'better-sqlite3';
import { Chat } from '../support/chat.ts';
import type { LockstepServer } from '../support/lockstep-server.ts';
import { newPerson, type Person } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const DRAFT = 'a secret that was never sent';
const WAITING = 'a secret that waits for the connection';

/** Everything that this browser stores for the page, as text. */
const kept = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const databases = await indexedDB.databases();
    return JSON.stringify([localStorage, sessionStorage, databases.map(({ name }) => name)]);
  });

/** Leaves a draft and an unsent message in this browser. */
async function leave(page: Page): Promise<void> {
  const chat = new Chat(page);
  await page.route('**/socket.io/**', (route) => route.abort());
  await page.routeWebSocket('**/socket.io/**', (socket) => socket.close());
  await page.goto('/chat');
  await chat.send(WAITING);
  await page.goto('/chat');
  await chat.composer.fill(DRAFT);
  expect(await kept(page)).toContain(DRAFT);
  expect(await kept(page)).toContain(WAITING);
}

function change(server: LockstepServer, statement: string, person: Person): void {
  const database = new Sqlite(server.databasePath, { timeout: 10_000 });
  try {
    const userId: unknown = database.prepare('select id from users where email = ?').pluck().get(person.email);
    database.prepare(statement).run(userId);
  } finally {
    database.close();
  }
}

const ENDS: Readonly<Record<string, string>> = {
  'was ended from another device': 'update sessions set ended_at = 1 where user_id = ?',
  'ended with an account that was disabled': 'update users set disabled = 1 where id = ?',
};

for (const [what, statement] of Object.entries(ENDS)) {
  for (const when of ['before a reload', 'while no page is open']) {
    test(`a browser keeps nothing after its session ${what}, ${when}`, async ({ page, server }) => {
      const person = newPerson();
      await signIn(page, person);
      await leave(page);
      if (when === 'while no page is open') await page.goto('about:blank');
      change(server, statement, person);
      if (when === 'while no page is open') await page.goto('/chat');
      else await page.reload();
      await expect(page.getByText('You were signed out, and your data was removed')).toBeVisible();
      const left = await kept(page);
      expect(left).not.toContain(DRAFT);
      expect(left).not.toContain(WAITING);
      expect(left).not.toContain(person.email);
    });
  }
}

test('an unsent message and a draft are kept after the session has expired, and used after signing in again', async ({
  page,
  server,
}) => {
  const person = newPerson();
  await signIn(page, person);
  await leave(page);
  change(server, 'update sessions set expires_at = 1 where user_id = ?', person);
  await page.reload();
  await expect(page).toHaveURL(/\/login/);
  expect(await kept(page)).toContain(WAITING);
  await page.unrouteAll();
  const back = await page.context().newPage();
  await signIn(back, person);
  await expect(new Chat(back).composer).toHaveValue(DRAFT);
  await new Chat(back).inSidebar(WAITING).click();
  await expect(new Chat(back).ownMessages).toHaveText([new RegExp(WAITING)]);
});

test('nothing is left for another user who signs in after a session has expired', async ({ page, server }) => {
  const first = newPerson();
  await signIn(page, first);
  await leave(page);
  change(server, 'update sessions set expires_at = 1 where user_id = ?', first);
  await page.unrouteAll();
  await page.close();
  const next = await page.context().newPage();
  await signIn(next, newPerson('Percy'));
  await expect(new Chat(next).composer).toHaveValue('');
  expect(await kept(next)).not.toContain('secret');
});

test('a session that is ended on another device ends in every open tab, and they keep nothing', async ({
  page,
  browser,
  server,
}) => {
  const person = newPerson();
  await signIn(page, person);
  const second = await page.context().newPage();
  await second.goto('/chat');
  await new Chat(second).composer.fill(DRAFT);
  await expect(new Chat(page).composer).toHaveValue(DRAFT);

  const elsewhere = await (await browser.newContext({ baseURL: server.url })).newPage();
  await signIn(elsewhere, person, '/profile');
  await elsewhere.getByRole('button', { name: /^End session on/ }).click();
  for (const tab of [page, second])
    await expect(tab.getByText('You were signed out, and your data was removed')).toBeVisible();
  expect(await kept(page)).not.toContain(DRAFT);
  await elsewhere.context().close();
});
