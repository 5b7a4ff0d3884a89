import { Chat } from '../support/chat.ts';
import { ModelServer } from '../../backend/testing/model/model-server.ts';
import { repeatsAndHangs } from '../../backend/testing/model/script.ts';
import { newPerson } from '../support/people.ts';
import { seedConversation } from '../support/conversation/seed-conversation.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('the button to the end is hidden when the thread fits', async ({ page, server }) => {
  const person = newPerson();
  await signIn(page, person);
  const { id, messageIds } = seedConversation(server.databasePath, person.email, ['A question.', 'A short answer.']);
  await page.goto(`/chat/${id}?message=${messageIds[0]}`);
  await expect(page.locator('.highlighted')).toBeVisible();
  await page.mouse.move(640, 300);
  await page.mouse.wheel(0, -400);
  await expect(page.locator('.highlighted')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Go to the latest message' })).toBeHidden();
});

test('wide tables scroll in their own box on a phone, with readable columns', async ({ page, server }) => {
  const person = newPerson();
  await signIn(page, person);
  const words = 'some words that would make a tower of a narrow column';
  const row = `| ${Array.from({ length: 5 }, () => words).join(' | ')} |`;
  const table = `${row}\n|${' --- |'.repeat(5)}\n${row}\n${row}`;
  const { id } = seedConversation(server.databasePath, person.email, ['Compare.', table]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/chat/${id}`);
  const box = page.getByRole('region', { name: 'Table' });
  await expect(box).toBeVisible();
  const sizes = await box.evaluate((element) => ({
    scrolls: element.scrollWidth > element.clientWidth,
    widths: [...element.querySelectorAll('td')].map((cell) => cell.getBoundingClientRect().width),
    page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  expect(sizes.scrolls).toBe(true);
  expect(sizes.page).toBe(0);
  for (const width of sizes.widths) {
    expect(width).toBeGreaterThan(180);
    expect(width).toBeLessThan(260);
  }
});

const OPENINGS: Readonly<Record<string, string>> = {
  paragraph: 'Words and words',
  quote: '> A quote that goes on',
  list: '- one\n- two\n  - three',
  'list with a quote': '- one\n\n  > quoted',
  code: '```js\nconst a = 1;',
  table: '| a | b |\n| --- | --- |\n| c | d |',
  diagram: '```mermaid\ngraph TD\n  A --> B',
  'quote with code': '> ```js\n> const a = 1;',
  rule: 'Words\n\n---\n',
};

test('a reply that is being written shows its dot, whatever block it ends with', async ({ startServer, browser }) => {
  const model = await ModelServer.start();
  model.otherwise = repeatsAndHangs;
  const server = await startServer(model.environment);
  const page = await browser.newPage({ baseURL: server.url });
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await signIn(page, newPerson());
  const chat = new Chat(page);
  for (const [what, opening] of Object.entries(OPENINGS)) {
    await chat.send(opening);
    const reply = page.locator('.markdown.streaming');
    await expect(reply).toBeVisible();
    const signs = (): Promise<number> =>
      reply.evaluate(
        (element) =>
          element
            .getAnimations({ subtree: true })
            .filter((each) => each instanceof CSSAnimation && each.animationName === 'markdown-blink').length,
      );
    await expect.poll(signs, what).toBe(1);
    await chat.stopButton.click();
    await chat.finished();
  }
  await page.close();
  await model[Symbol.asyncDispose]();
});

test('the splash is shown until the page is drawn', async ({ page }) => {
  const held = Promise.withResolvers<void>();
  await page.route('**/_app/immutable/entry/start*', async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.goto('/login', { waitUntil: 'commit' });
  const splash = page.locator('#splash');
  await expect(splash).toBeVisible();
  await expect(splash.locator('svg')).toBeVisible();
  held.resolve();
  await expect(page.getByRole('heading', { name: 'Sign in to Lockstep' })).toBeVisible();
  await expect(splash).toHaveCount(0);
});
