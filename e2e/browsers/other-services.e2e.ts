import { Chat } from '../support/chat.ts';
import type { ModelServer } from '../../backend/testing/model/model-server.ts';
import { refuses } from '../../backend/testing/model/script.ts';
import { Network } from '../support/network.ts';
import { OpenIdProvider } from '../../backend/testing/provider/openid-provider.ts';
import { OTHER_ANSWER, startOtherModel } from '../support/other-model.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test as base } from '../support/test.ts';

const test = base.extend<{ model: ModelServer }>({
  // Playwright derives the fixtures from the first parameter; this one needs none.
  // oxlint-disable-next-line no-empty-pattern
  model: async ({}, use) => {
    const model = await startOtherModel();
    await use(model);
    await model[Symbol.asyncDispose]();
  },
});

test('another OpenID provider and another OpenAI-compatible server work through configuration only', async ({
  startServer,
  model,
  page,
}) => {
  // The provider must know Lockstep's address before Lockstep starts.
  const door = await Network.start();
  const provider = await OpenIdProvider.start({ lockstepUrl: door.url });
  const server = await startServer({ PUBLIC_URL: door.url, ...provider.environment, ...model.environment });
  door.leadTo(server.port);

  await page.goto(`${door.url}/chat`);
  await expect(page.getByText('picture from 127.0.0.1')).toBeVisible();
  await expect(page.getByText('Google')).toBeHidden();
  await page.getByRole('button', { name: 'Continue with 127.0.0.1' }).click();
  await page.getByPlaceholder('Enter any login').fill('mary@elsewhere.example');
  await page.getByPlaceholder('and password').fill('whatever');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  const chat = new Chat(page);
  await expect(page.getByText('mary@elsewhere.example', { exact: true })).toBeVisible();
  await chat.send('Who are you?');
  await expect(chat.replyText).toHaveText(OTHER_ANSWER);
  await expect(page.getByText('Replies can be wrong.')).toBeVisible();
  expect((await page.goto(`${server.url}/local/google/auth`))?.ok()).toBe(false);

  await provider[Symbol.asyncDispose]();
  await door.dispose();
});

test('Try again succeeds once a model that refused works again', async ({ startServer, model, browser }) => {
  const answer = model.otherwise;
  model.otherwise = refuses(401);
  const server = await startServer(model.environment);
  const context = await browser.newContext({ baseURL: server.url });
  const chat = new Chat(await context.newPage());
  await signIn(chat.page, newPerson());
  await chat.send('Are you there?');
  const card = chat.thread.getByRole('alert');
  await expect(card).toContainText('The model is not set up correctly');
  model.otherwise = answer;
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(chat.replyText).toHaveText(OTHER_ANSWER);
  await expect(card).toBeHidden();
  await context.close();
});
