import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

/** Delays what the page needs after its own scripts: the browser's database, and the socket. */
async function delayStart(
  page: Page,
  waits: { readonly databaseMs: number; readonly socketMs: number },
): Promise<void> {
  await page.addInitScript(({ databaseMs, socketMs }) => {
    const open = Reflect.get(IDBFactory.prototype, 'open');
    Reflect.set(IDBFactory.prototype, 'open', function late(this: IDBFactory, name: string, version?: number) {
      const request = version === undefined ? open.call(this, name) : open.call(this, name, version);
      Object.defineProperty(request, 'onsuccess', {
        set(listener: (event: Event) => void) {
          request.addEventListener('success', (event) => setTimeout(() => listener.call(request, event), databaseMs));
        },
      });
      return request;
    });
    const send = Reflect.get(WebSocket.prototype, 'send');
    Reflect.set(WebSocket.prototype, 'send', function late(this: WebSocket, data: string) {
      setTimeout(() => send.call(this, data), Math.max(0, socketMs - performance.now()));
    });
  }, waits);
}

for (const [databaseMs, socketMs] of [
  [1_500, 3_000],
  [3_000, 500],
  [60_000, 1_000],
] as const) {
  test(`[L6] a message sent right after the page has opened is not lost, with a database after ${databaseMs} ms and a socket after ${socketMs} ms`, async ({
    page,
  }) => {
    await signIn(page, newPerson());
    await delayStart(page, { databaseMs, socketMs });
    await page.goto('/chat');
    const chat = new Chat(page);
    await chat.send('/echo Early.');
    await expect(chat.ownMessages).toHaveText([/Early/]);
    await expect(chat.replyText).toHaveText('Early.');
    await expect(chat.ownMessages).toHaveCount(1);
    await page.reload();
    await expect(chat.replies).toHaveText([/Early\./]);
  });
}

test('[L6] a message sent before the socket opens survives an immediate reload', async ({ page }) => {
  await signIn(page, newPerson());
  await delayStart(page, { databaseMs: 1_500, socketMs: 5_000 });
  await page.goto('/chat');
  const chat = new Chat(page);
  await chat.send('/echo Early.');
  // The address of the conversation is set before anything is sent; a reload before that opens a new conversation.
  await page.waitForURL(/\/chat\/./);
  await page.reload();
  await expect(chat.replyText).toHaveText('Early.');
  await expect(chat.ownMessages).toHaveCount(1);
});

test('[L6] a message that an earlier version of the page left in IndexedDB is sent, once', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Before.');
  await page.evaluate(async (conversationId) => {
    const response = await fetch('/api/auth/refresh', { method: 'POST' });
    const { user } = (await response.json()) as { readonly user: { readonly id: string } };
    const { promise, resolve } = Promise.withResolvers<IDBDatabase>();
    const request = indexedDB.open('lockstep-outbox');
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('messages'));
    request.addEventListener('success', () => resolve(request.result));
    const database = await promise;
    const clientMessageId = crypto.randomUUID();
    const entry = {
      clientMessageId,
      userId: user.id,
      conversationId,
      text: '/echo Left.',
      createdAt: 1,
      status: 'waiting',
    };
    database.transaction('messages', 'readwrite').objectStore('messages').put(entry, clientMessageId);
    database.close();
  }, new URL(page.url()).pathname.split('/').at(-1));
  await page.reload();
  await expect(chat.replies).toHaveText([/Before\./, /Left\./]);
  await page.reload();
  await expect(chat.ownMessages).toHaveCount(2);
});
