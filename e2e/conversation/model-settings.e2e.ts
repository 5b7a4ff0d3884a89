import { Chat } from '../support/chat.ts';
import { startOtherModel } from '../support/other-model.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test.describe('the model', () => {
  const picker = ({ page }: Chat, model: string) => page.getByRole('button', { name: `Model: ${model}` });

  /** Opens the menu of the picker, and chooses a model. */
  async function choose(chat: Chat, from: string, name: string | RegExp): Promise<void> {
    await picker(chat, from).click();
    await chat.page.getByRole('menu', { name: 'Model' }).getByRole('menuitemradio', { name }).click();
    await expect(chat.page.getByRole('menu', { name: 'Model' })).toBeHidden();
  }

  test('a model chosen in one tab is shown in another at once, and used for the next reply', async ({
    startServer,
    browser,
  }) => {
    const model = await startOtherModel(['small', 'large', 'huge']);
    const server = await startServer({
      ...model.environment,
      MODEL_PRICES: '{"large": {"input": 2, "output": 8.5}}',
      PRICE_CURRENCY: 'EUR',
    });
    const context = await browser.newContext({ baseURL: server.url });
    const first = new Chat(await context.newPage());
    await signIn(first.page, newPerson());
    // Before the first message: kept for this conversation, and as the user's preference.
    const third = new Chat(await context.newPage());
    await third.page.goto('/chat');
    await expect(picker(third, 'small')).toBeVisible();
    await picker(first, 'small').click();
    await expect(first.page.getByRole('menuitemradio', { name: 'large' })).toContainText('€2 in, €8.50 out');
    await first.page.keyboard.press('Escape');
    await choose(first, 'small', 'huge');
    await expect(picker(first, 'huge')).toBeVisible();
    await expect(picker(third, 'huge')).toBeVisible();
    await first.ask('One?');

    const second = await first.secondTab();
    await choose(second, 'huge', /^large/);
    await expect(picker(first, 'large')).toBeVisible();
    await first.ask('Two?');
    await second.page.reload();
    await expect(picker(second, 'large')).toBeVisible();
    await second.ask('Three?');
    expect(model.requests.map(({ body }) => body.model)).toEqual(['huge', 'large', 'large']);
    // The conversation got another model; the preference stays.
    await expect(picker(third, 'huge')).toBeVisible();
    await context.close();
    await model[Symbol.asyncDispose]();
  });

  test('instructions and parameters apply to their conversation only, also when set before its first message', async ({
    startServer,
    browser,
  }) => {
    const model = await startOtherModel(['small', 'large']);
    const server = await startServer({ ...model.environment, SYSTEM_PROMPT: 'The usual.' });
    const context = await browser.newContext({ baseURL: server.url });
    const first = new Chat(await context.newPage());
    const { page } = first;
    await signIn(page, newPerson());
    const dialog = page.getByRole('dialog', { name: 'Instructions and parameters' });
    const open = async (): Promise<void> => {
      await picker(first, 'small').click();
      await page.getByRole('menuitem', { name: 'Instructions and parameters' }).click();
      await expect(dialog).toBeVisible();
    };

    await open();
    await dialog.getByLabel('Instructions', { exact: true }).fill('Be brief.');
    await dialog.getByLabel('Temperature').fill('3');
    await dialog.getByLabel('Maximum reply length').fill('half');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByRole('alert')).toHaveText([
      'Enter a number from 0 to 2.',
      'Enter a whole number from 1 to 1,000,000.',
    ]);
    await expect(dialog.getByLabel('Temperature')).toBeFocused();
    await dialog.getByLabel('Temperature').fill('0,5');
    await dialog.getByLabel('Maximum reply length').fill('400');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    const mark = (chat: Chat) => chat.page.getByTitle('has its own instructions or parameters');
    await expect(mark(first)).toBeVisible();
    await first.ask('One?');
    await expect(mark(first)).toBeVisible();

    const second = await first.secondTab();
    await expect(mark(second)).toBeVisible();
    await open();
    await expect(dialog.getByLabel('Instructions', { exact: true })).toHaveValue('Be brief.');
    await expect(dialog.getByLabel('Temperature')).toHaveValue('0.5');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await second.ask('Two?');
    await open();
    await dialog.getByRole('button', { name: 'Reset to defaults' }).click();
    await dialog.getByLabel('Top-p').fill('0.9');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await first.ask('Three?');
    await page.getByRole('link', { name: 'New conversation' }).first().click();
    await expect(mark(first)).toBeHidden();
    await first.ask('Four?');

    const asked = model.requests.map(({ body: { messages, temperature, top_p, max_tokens } }) => ({
      system: messages.find(({ role }) => role === 'system')?.content,
      temperature,
      top_p,
      max_tokens,
    }));
    const own = { system: 'Be brief.', temperature: 0.5, max_tokens: 400 };
    expect(asked).toEqual([own, own, { system: 'The usual.', top_p: 0.9 }, { system: 'The usual.' }]);
    await context.close();
    await model[Symbol.asyncDispose]();
  });

  test('with a single model there is no choice of models, but instructions can be set', async ({
    startServer,
    browser,
  }) => {
    const model = await startOtherModel();
    const server = await startServer(model.environment);
    const context = await browser.newContext({ baseURL: server.url });
    const chat = new Chat(await context.newPage());
    await signIn(chat.page, newPerson());
    await chat.page.getByRole('button', { name: 'Instructions and parameters' }).click();
    await expect(chat.page.getByRole('dialog', { name: 'Instructions and parameters' })).toBeVisible();
    await expect(chat.page.getByText('another-model')).toHaveCount(0);
    await context.close();
    await model[Symbol.asyncDispose]();
  });
});
