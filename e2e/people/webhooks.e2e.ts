import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { Chat } from '../support/chat.ts';
import { ADA, newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A program that hears a webhook; it answers with what `status` is. */
async function startReceiver() {
  const receiver = { received: [] as Received[], status: 500, url: '' };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      receiver.received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(receiver.status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return Object.assign(receiver, { [Symbol.dispose]: () => void server.close() });
}

test('a webhook is added, tested, sent again and removed, live in every tab', async ({ startServer, browser }) => {
  using receiver = await startReceiver();
  const server = await startServer({ WEBHOOK_PRIVATE: 'on' });
  const context = await browser.newContext({ baseURL: server.url });
  const [page, other] = [await context.newPage(), await context.newPage()];
  await signIn(page, newPerson(), '/profile');
  await page.getByRole('link', { name: 'Manage webhooks' }).click();
  await expect(page.getByText('No webhooks yet.')).toBeVisible();
  await other.goto('/profile/webhooks');
  await expect(other.getByText('No webhooks yet.')).toBeVisible();

  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = page.getByRole('form', { name: 'New webhook' });
  await form.getByLabel('Name').fill('Build server');
  await form.getByLabel('Address').fill('ftp://example.org/');
  await form.getByRole('button', { name: 'Add webhook' }).click();
  await expect(form.getByRole('alert')).toContainText('This address is not accepted.');
  await form.getByLabel('Address').fill(receiver.url);
  await form.getByRole('button', { name: 'Add webhook' }).click();
  const field = page.getByLabel('Secret', { exact: true });
  await expect(field).toBeFocused();
  const secret = await field.inputValue();
  await expect(other.getByText('Build server', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('button', { name: 'Send test' }).click();
  await expect(page.getByText('The answer was 500. Next attempt:')).toBeVisible();
  await expect(other.getByText('Failing since')).toBeVisible();
  receiver.status = 204;
  await page.getByRole('button', { name: 'Send again' }).click();
  await expect(page.getByText('Delivered. The answer was 204.')).toBeVisible();
  await expect(other.getByText('Failing since')).toBeHidden();

  await other.getByRole('button', { name: 'Deliveries' }).click();
  await page.goto('/chat');
  const chat = new Chat(page);
  await chat.send('Hello');
  await expect(other.getByText('Reply ended')).toHaveCount(2);
  const last = receiver.received.at(-1);
  if (!last) throw new Error('nothing was received');
  expect(new Webhook(secret).verify(last.body, last.headers)).toMatchObject({ type: 'run.finished' });

  await other.getByRole('button', { name: 'Remove' }).click();
  await other.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(other.getByText('No webhooks yet.')).toBeVisible();
  await context.close();
});

test('an admin sees the webhooks for everybody, and is told why an address is refused', async ({ page }) => {
  await signIn(page, ADA, '/admin/webhooks');
  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = page.getByRole('form', { name: 'New webhook' });
  await form.getByLabel('Name').fill('Directory');
  await form.getByLabel('New account').check();
  await form.getByLabel('Address').fill('https://127.0.0.1/');
  await form.getByRole('button', { name: 'Add webhook' }).click();
  await expect(form.getByRole('alert')).toContainText('lead to a host on the public internet');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'New webhook' })).toBeFocused();
});
