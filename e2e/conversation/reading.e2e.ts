import type { Locator, Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { SCREENS } from '../support/screens.ts';
import { seedConversation } from '../support/seed-conversation.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';
import { scaled } from '../../backend/test/support/pace.ts';

/** Signs in a user who has this conversation, and opens it, optionally at one of its messages. */
async function read(page: Page, databasePath: string, texts: readonly string[], sought?: number): Promise<Chat> {
  const person = newPerson();
  await signIn(page, person);
  const { id, messageIds } = seedConversation(databasePath, person.email, texts);
  await page.goto(sought === undefined ? `/chat/${id}` : `/chat/${id}?message=${messageIds[sought]}`);
  const chat = new Chat(page);
  await expect(chat.replies.last()).toBeVisible();
  return chat;
}

const fenced = (diagram: string): string => `Like this:\n\n\`\`\`mermaid\n${diagram}\n\`\`\`\n\nThat was it.`;

/** The SVG of an image, as text. */
async function sourceOf(picture: Locator): Promise<string> {
  const address = (await picture.getAttribute('src')) ?? '';
  return decodeURIComponent(address.slice(address.indexOf(',') + 1));
}

test('a diagram is drawn, can be switched to its code, and follows the theme', async ({ page, context, server }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.emulateMedia({ colorScheme: 'light' });
  const diagram = 'flowchart LR\n  A[Write] --> B[Read]';
  const { replyText } = await read(page, server.databasePath, ['Draw it.', fenced(diagram)]);
  const picture = replyText.getByRole('img', { name: 'Diagram' });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  const light = await sourceOf(picture);
  expect(light).toContain('Write');

  await replyText.getByRole('button', { name: 'Code', exact: true }).click();
  await expect(picture).toBeHidden();
  await expect(replyText.locator('pre')).toHaveText(diagram);
  await replyText.getByRole('button', { name: 'Copy code' }).click();
  await expect(replyText.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(diagram);
  await replyText.getByRole('button', { name: 'Diagram', exact: true }).click();
  await expect(picture).toBeVisible();

  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => sourceOf(picture)).not.toBe(light);
});

test('a diagram is shown as code while it is written, and drawn once its fence is closed', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo ```mermaid\nflowchart LR\n  A --> B');
  await expect(chat.replyText).toContainText('A --> B');
  await chat.ask(`/echo ${fenced('flowchart LR\n  A --> B')}`);
  await expect(chat.replyText.getByRole('img', { name: 'Diagram' })).toBeVisible();
});

test('an invalid diagram is shown as code, with a message', async ({ page, server }) => {
  const { replyText } = await read(page, server.databasePath, ['Draw it.', fenced('flowchart LR\n  A[[[ -->')]);
  await expect(replyText.getByText('This diagram could not be drawn')).toBeVisible();
  await expect(replyText.locator('pre')).toContainText('A[[[ -->');
  await expect(replyText.getByRole('img')).toHaveCount(0);
});

test('[0008] nothing moves when a diagram replaces its code or the other way round', async ({ page, server }) => {
  const diagrams = [
    'flowchart LR\n  A --> B',
    'flowchart TD\n  A --> B\n  B --> C\n  C --> D\n  D --> E\n  E --> F',
    `sequenceDiagram\n${'  A->>B: Hello\n  B-->>A: Good day\n'.repeat(12)}`,
    'flowchart LR\n  A[[[ -->',
  ];
  // Records each height of the boxes of diagrams, by their order in the reply.
  await page.addInitScript(() => {
    const heights: Record<number, number[]> = {};
    Object.assign(window, { heights });
    const look = (): void => {
      for (const [at, box] of document.querySelectorAll('.markdown figure').entries()) {
        const height = Math.round(box.getBoundingClientRect().height);
        const seen = (heights[at] ??= []);
        if (!seen.includes(height)) seen.push(height);
      }
      requestAnimationFrame(look);
    };
    look();
  });
  const { replyText } = await read(page, server.databasePath, ['Draw it.', diagrams.map(fenced).join('\n\n')]);
  for (const [at, block] of (await replyText.locator('figure').all()).entries()) {
    await block.scrollIntoViewIfNeeded();
    const outcome = at < 3 ? block.getByRole('img') : block.getByText('This diagram could not be drawn');
    await expect(outcome).toBeVisible();
    if (at < 3) await block.getByRole('button', { name: 'Code', exact: true }).click();
    await expect(block.locator('pre')).toBeVisible();
  }
  const heights = await page.evaluate(() => (window as unknown as { heights: Record<number, number[]> }).heights);
  expect(Object.values(heights)).toEqual(diagrams.map(() => [expect.any(Number)]));
});

test('[0008] a diagram runs no scripts, loads nothing and has no links', async ({ page, server }) => {
  const elsewhere: string[] = [];
  page.on('response', (response) => {
    if (!response.url().startsWith(server.url) && !response.url().startsWith('data:')) elsewhere.push(response.url());
  });
  const hostile = [
    `flowchart LR\n  A["<img src=x onerror=window.hostile=1>"] --> B["<script>window.hostile=2</script>"]`,
    `flowchart LR\n  A --> B\n  click A "https://example.com/leak"\n  click B call alert("x")`,
    `%%{init: {"securityLevel": "loose", "htmlLabels": true, "themeCSS": "* { background: url(https://example.com/a) }"}}%%\nflowchart LR\n  A["<b onclick='window.hostile=3'>B</b>"]`,
    `flowchart LR\n  A@{ img: "https://example.com/pixel.png", label: "L" }`,
  ];
  const { replyText } = await read(page, server.databasePath, ['Draw it.', hostile.map(fenced).join('\n\n')]);
  for (const [at, block] of (await replyText.locator('figure').all()).entries()) {
    await block.scrollIntoViewIfNeeded();
    const picture = block.getByRole('img', { name: 'Diagram' });
    const isRefused = hostile[at]?.includes('pixel.png') ?? false;
    await expect(isRefused ? block.getByText('This diagram could not be drawn') : picture).toBeVisible();
    if (isRefused) continue;
    expect(await sourceOf(picture)).not.toMatch(/<script|<foreignObject|<image|onerror=|onclick=|example\.com/i);
  }
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);
  expect(elsewhere).toEqual([]);
});

test('tasks are read-only checkboxes', async ({ page, server }) => {
  const { replyText } = await read(page, server.databasePath, ['And now?', '- [x] first\n- [ ] second\n  - [ ] below']);
  const boxes = replyText.getByRole('checkbox');
  await expect(boxes).toHaveCount(3);
  await expect(replyText.getByRole('checkbox', { name: 'Done', exact: true })).toBeChecked();
  for (const box of await replyText.getByRole('checkbox', { name: 'Not done' }).all())
    await expect(box).not.toBeChecked();
  for (const box of await boxes.all()) await expect(box).toBeDisabled();
  await expect(replyText.getByRole('listitem').first()).toHaveText('first');
});

const WIDE_TABLE = `| ${Array.from({ length: 12 }, (_, at) => `column ${at}`).join(' | ')} |\n|${'---|'.repeat(12)}\n| ${'value | '.repeat(12)}`;
const LONG_LINE = `\`\`\`ts\nconst line = [${'1_000, '.repeat(60)}];\n\`\`\``;
const WIDE_DIAGRAM = fenced(
  `flowchart LR\n${Array.from({ length: 9 }, (_, at) => `  N${at} --> N${at + 1}`).join('\n')}`,
);
const LONG_FORMULA = `$$\n${'a_{1} + b_{2} + '.repeat(20)} c\n$$`;

test.describe('on a phone', () => {
  test.use(SCREENS.phone);

  test('wide tables, long lines, formulas and diagrams scroll in their own boxes', async ({ page, server }) => {
    const parts = [WIDE_TABLE, LONG_LINE, LONG_FORMULA, WIDE_DIAGRAM];
    const { replyText, thread } = await read(page, server.databasePath, ['Show me.', parts.join('\n\n')]);
    await expect(replyText.getByRole('img', { name: 'Diagram' })).toBeVisible();
    await expect(replyText.locator('.katex-display')).toBeVisible();
    for (const wide of ['.table-card', 'figure:not(:has(img)) pre', '.katex-display', '.drawing']) {
      const part = replyText.locator(wide);
      expect(await part.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBeGreaterThan(20);
      await part.evaluate((element) => element.scrollBy(200, 0));
      await expect.poll(() => part.evaluate(({ scrollLeft }) => scrollLeft)).toBeGreaterThan(0);
    }
    const overhang = ({ scrollWidth, clientWidth }: Element): number => scrollWidth - clientWidth;
    expect(await thread.evaluate(overhang)).toBe(0);
    expect(await page.locator('body').evaluate(overhang)).toBe(0);
  });
});

/** Message number `at` of a long conversation: of varying length, so that its height cannot be guessed. */
const said = (at: number): string =>
  at % 2 === 0
    ? `Question ${at}`
    : `Answer ${at}\n\n${`Sentence of answer ${at}. `.repeat(1 + ((at * 7) % 40))}\n\n- a\n- b`;
const talk = (length: number): string[] => Array.from({ length }, (_, at) => said(at));

test('a long conversation opens at its end, loads earlier messages on scrolling up, and draws few of them', async ({
  page,
  server,
}) => {
  const chat = await read(page, server.databasePath, talk(1_000));
  const last = chat.thread.getByText('Answer 999', { exact: true });
  await expect(last).toBeInViewport();
  await expect(chat.replyText.getByRole('listitem').last()).toBeInViewport();

  await chat.thread.hover();
  await expect(async () => {
    await page.mouse.wheel(0, -20_000);
    await expect(chat.thread.getByText('Question 0', { exact: true })).toBeInViewport({ timeout: 500 });
  }).toPass({ timeout: scaled(90_000) });
  // All thousand messages are loaded, but few have elements.
  await expect(chat.thread.getByText(`Answer 1`, { exact: true })).toBeVisible();
  expect(await chat.thread.getByRole('article').count()).toBeLessThan(40);
  expect(await chat.thread.evaluate((thread) => thread.querySelectorAll('*').length)).toBeLessThan(2_500);

  await page.getByRole('button', { name: 'Go to the latest message' }).click();
  await expect(last).toBeInViewport();
});

test('text in view does not move when older messages are added above it', async ({ page, server }) => {
  const gate = Promise.withResolvers<void>();
  await page.route('**/messages?*', async (route) => {
    await gate.promise;
    await route.continue();
  });
  const chat = await read(page, server.databasePath, talk(200));
  await chat.thread.evaluate((thread) => thread.scrollTo({ top: 0 }));
  const reading = chat.thread.getByText('Question 150', { exact: true });
  const topOf = (): Promise<number> => reading.evaluate((element) => element.getBoundingClientRect().top);
  await expect(reading).toBeInViewport();
  await expect(chat.thread.getByRole('img', { name: 'Loading older messages' })).toBeVisible();
  // The messages above are being measured for the first time.
  let before = await topOf();
  await expect(async () => {
    const earlier = before;
    before = await topOf();
    expect(before).toBe(earlier);
  }).toPass({ intervals: [300] });
  gate.resolve();
  await expect.poll(() => chat.thread.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(1_000);
  await expect(chat.thread.getByText('Answer 149', { exact: true })).toBeVisible();
  expect(Math.abs((await topOf()) - before)).toBeLessThan(3);
});

test('a growing reply keeps its end in view until the user scrolls up, and again after the button', async ({
  page,
  server,
}) => {
  const chat = await read(page, server.databasePath, talk(60));
  const endIsNear = (): Promise<boolean> =>
    chat.thread.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 48);
  await chat.send('/count 100000 100');
  await chat.readUntil('400 ');
  expect(await endIsNear()).toBe(true);

  await chat.thread.hover();
  await page.mouse.wheel(0, -600);
  const back = page.getByRole('button', { name: 'Go to the latest message' });
  await expect(back).toBeVisible();
  const place = await chat.thread.evaluate(({ scrollTop }) => scrollTop);
  const words = (await chat.replyText.innerText()).length;
  await expect.poll(async () => (await chat.replyText.innerText()).length).toBeGreaterThan(words + 500);
  expect(Math.abs((await chat.thread.evaluate(({ scrollTop }) => scrollTop)) - place)).toBeLessThan(3);

  await back.click();
  await expect(back).toBeHidden();
  await expect.poll(endIsNear).toBe(true);
  await chat.stopButton.click();
  await chat.finished();
});

test('a reply stays drawn while it is written, however far up the user has scrolled', async ({ page, server }) => {
  const chat = await read(page, server.databasePath, talk(120));
  await chat.send('/count 100000 100');
  await chat.readUntil('20 ');
  await chat.thread.evaluate((thread) => thread.scrollTo({ top: 0 }));
  await expect(chat.thread.getByText('Question 120', { exact: true })).toHaveCount(0);
  const words = (await chat.replyText.textContent())?.length ?? 0;
  await expect.poll(async () => (await chat.replyText.textContent())?.length ?? 0).toBeGreaterThan(words + 200);
  await chat.stopButton.click();
});

test('a URL with a message opens the conversation there, and highlights the message', async ({ page, server }) => {
  const chat = await read(page, server.databasePath, talk(1_000), 301);
  const sought = chat.thread.getByText('Answer 301', { exact: true });
  await expect(sought).toBeInViewport();
  const row = chat.thread.locator('.highlighted');
  await expect(row).toContainText('Answer 301');
  await expect(row).toHaveCount(0);
  await expect(sought).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Go to the latest message' })).toBeVisible();
});

test('parts that cannot be loaded leave their text plain, and the page working', async ({ page, server }) => {
  const person = newPerson();
  await signIn(page, person);
  const chat = new Chat(page);
  const open = async (reply: string): Promise<void> => {
    const { id } = seedConversation(server.databasePath, person.email, ['All of it.', reply]);
    await page.goto(`/chat/${id}`);
    await expect(chat.replies.last()).toBeVisible();
  };
  // The code for plain text is loaded; all other files are gone, as for an open page after an update of the server.
  const there = new Set<string>();
  page.on('request', (request) => there.add(request.url()));
  await open('Plain text.');
  const missing: string[] = [];
  const needed = new Set(there);
  await page.route('**/immutable/**', async (route) => {
    const url = route.request().url();
    if (needed.has(url)) return route.continue();
    missing.push(url);
    return route.abort();
  });
  const failed = page.waitForEvent('console', (message) => message.text().includes('could not be loaded'));
  await open(
    `\`\`\`ts\nconst answer = 42;\n\`\`\`\n\nThen $x^2$ and\n\n$$\ny^2\n$$\n\n${fenced('flowchart LR\n  A --> B')}`,
  );
  await failed;
  expect(missing.length).toBeGreaterThan(0);
  await expect(chat.replyText.locator('pre').first()).toHaveText('const answer = 42;');
  await expect(chat.replyText).toContainText('Then x^2 and');
  await expect(chat.replyText).toContainText('A --> B');
  await chat.ask('/echo Still here.');
  await expect(chat.replyText).toHaveText('Still here.');
});
