import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const PRICES = JSON.stringify({ 'gpt-4.1': { input: 2, output: 8 } });

test('a reply, its conversation and the profile show usage and cost', async ({ browser, startServer }) => {
  const server = await startServer({ MODEL_PRICES: PRICES, PRICE_CURRENCY: 'EUR' });
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await signIn(page, newPerson(), '/profile');
  const usage = page.getByRole('region', { name: 'Usage' });
  await expect(usage).toContainText('No usage in the last 30 days.');

  await page.goto('/chat');
  const chat = new Chat(page);
  await chat.ask('/echo What does this cost?');
  await chat.replies.getByRole('button', { name: 'About this reply' }).click();
  const facts = page.getByRole('dialog', { name: 'About this reply' });
  await expect(facts).toContainText('Model');
  await expect(facts).toContainText(/Output tokens\s*(≈ )?\d+/);
  await expect(facts).toContainText(/Cost\s*(≈ )?€0\.\d*[1-9]/);
  await page.keyboard.press('Escape');
  await expect(facts).toBeHidden();

  await page.getByRole('button', { name: 'Options for this conversation' }).click();
  await expect(page.getByRole('group', { name: 'Usage of this conversation' })).toContainText(
    /Cost\s*(≈ )?€0\.\d*[1-9]/,
  );

  await page.goto('/profile');
  const rows = usage.getByRole('row');
  // A heading, today, and the total.
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1).getByRole('cell')).toHaveText([/^1$/, /^(≈ )?\d+$/, /€0\.\d*[1-9]/]);
  await expect(rows.last()).toContainText('Total');
  await context.close();
});
