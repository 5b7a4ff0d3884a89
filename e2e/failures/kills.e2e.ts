import { Chat } from '../support/chat.ts';
import { ModelServer } from '../../backend/testing/model/model-server.ts';
import { countsWithoutEnd, says } from '../../backend/testing/model/script.ts';
import { newPerson } from '../support/people.ts';
import { ReplyRecorder } from '../support/reply-recorder.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';
import { scaled } from '../../backend/testing/pace.ts';

/** A round takes about ten seconds: few by default, `KILLS=10 npm test -- browser kills` for more. */
const KILLS = Number(process.env['KILLS'] ?? 3);

/** All replies of the conversation from the server, oldest first. */
async function storedReplies({ page }: Chat): Promise<readonly string[]> {
  return page.evaluate(async (id) => {
    const grant = (await (await fetch('/api/auth/refresh', { method: 'POST' })).json()) as { accessToken: string };
    const headers = { authorization: `Bearer ${grant.accessToken}` };
    const answer = await fetch(`/api/conversations/${id}/messages?limit=100`, { headers });
    const { items } = (await answer.json()) as { items: readonly { readonly role: string; readonly text: string }[] };
    return items.filter(({ role }) => role === 'assistant').map(({ text }) => text.trim());
  }, new URL(page.url()).pathname.split('/').at(-1));
}

test(`[L2] [L3] [L8] after ${KILLS} kills in the middle of a reply, no character that a tab has shown is missing or doubled`, async ({
  startServer,
  browser,
}) => {
  test.setTimeout(scaled(KILLS * 30_000));
  const model = await ModelServer.start();
  const said: string[] = [];
  model.otherwise = countsWithoutEnd(said);
  model.titles = says(['Numbers']);
  const server = await startServer(model.environment);
  const context = await browser.newContext({ baseURL: server.url });
  const chats = [new Chat(await context.newPage()), new Chat(await context.newPage())] as const;
  const [first, second] = chats;
  await signIn(first.page, newPerson());
  await first.send('Count.');
  await first.readUntil('0:3 ');
  await second.page.goto(first.page.url());
  const recorders = [await ReplyRecorder.start(first.page), await ReplyRecorder.start(second.page)];

  const kept: string[] = [];
  for (let round = 0; round < KILLS; round++) {
    // Later in each round, so that the kill hits different moments of the commit.
    for (const chat of chats) await chat.readUntil(`${round}:${12 + 3 * round} `);
    // A busy machine draws rarely: there must be something to compare.
    for (const recorder of recorders) {
      await expect.poll(async () => (await recorder.shown(`${round}:`)).length).toBeGreaterThan(2);
    }
    await server.kill();
    const shownAtKill = await Promise.all(chats.map((chat) => chat.replyText.textContent()));
    await server.start();
    for (const chat of chats)
      await expect(chat.replies.last().getByText('The server stopped before this reply was finished')).toBeVisible();

    const texts = await Promise.all(chats.map((chat) => chat.replyText.textContent()));
    const sent = (said[round] ?? '').trimEnd();
    for (const [tab, text] of texts.entries()) {
      const whole = text?.trimEnd() ?? '';
      expect(sent.startsWith(whole)).toBe(true);
      expect(whole.startsWith(shownAtKill[tab]?.trimEnd() ?? 'nothing')).toBe(true);
      // Every state that the tab showed in this round was a prefix of the final text.
      const ofRound = (await recorders[tab]?.shown(`${round}:`)) ?? [];
      expect(ofRound.length).toBeGreaterThan(2);
      expect(ofRound.filter((one) => !whole.startsWith(one.text))).toEqual([]);
    }
    expect(texts[0]).toBe(texts[1]);
    kept.push(texts[0]?.trim() ?? '');
    if (round + 1 < KILLS) await (round % 2 === 0 ? second : first).send(`Again, ${round}.`);
  }

  // A new page shows the same; the thread draws only the newest replies.
  await second.page.reload();
  await expect(second.replyText).toHaveText(kept.at(-1) ?? 'nothing');
  expect(await storedReplies(second)).toEqual(kept);
  await context.close();
  await model[Symbol.asyncDispose]();
});
