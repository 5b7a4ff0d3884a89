import type { Locator } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { fencedDiagram } from '../support/conversation/fenced-diagram.ts';
import { openConversation } from '../support/conversation/open-conversation.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

/** How a picture was drawn, as text. */
async function sourceOf(picture: Locator): Promise<string> {
  const address = (await picture.getAttribute('src')) ?? '';
  return decodeURIComponent(address.slice(address.indexOf(',') + 1));
}

test('a diagram is drawn, has its code behind a switch, and follows the theme', async ({ page, context, server }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.emulateMedia({ colorScheme: 'light' });
  const diagram = 'flowchart LR\n  A[Write] --> B[Read]';
  const { replyText } = await openConversation(page, server.databasePath, ['Draw it.', fencedDiagram(diagram)]);
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

test('a diagram is code while it is written, and becomes a picture once its fence is closed', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo ```mermaid\nflowchart LR\n  A --> B');
  await expect(chat.replyText).toContainText('A --> B');
  await chat.ask(`/echo ${fencedDiagram('flowchart LR\n  A --> B')}`);
  await expect(chat.replyText.getByRole('img', { name: 'Diagram' })).toBeVisible();
});

test('a diagram that is wrong is shown as its code, with a sentence', async ({ page, server }) => {
  const { replyText } = await openConversation(page, server.databasePath, [
    'Draw it.',
    fencedDiagram('flowchart LR\n  A[[[ -->'),
  ]);
  await expect(replyText.getByText('This diagram could not be drawn')).toBeVisible();
  await expect(replyText.locator('pre')).toContainText('A[[[ -->');
  await expect(replyText.getByRole('img')).toHaveCount(0);
});

test('[0008] nothing moves when a diagram takes the place of its code, or its code the place of it', async ({
  page,
  server,
}) => {
  const diagrams = [
    'flowchart LR\n  A --> B',
    'flowchart TD\n  A --> B\n  B --> C\n  C --> D\n  D --> E\n  E --> F',
    `sequenceDiagram\n${'  A->>B: Hello\n  B-->>A: Good day\n'.repeat(12)}`,
    'flowchart LR\n  A[[[ -->',
  ];
  // Each height that a box of a diagram ever has, by its place in the reply.
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
  const { replyText } = await openConversation(page, server.databasePath, [
    'Draw it.',
    diagrams.map(fencedDiagram).join('\n\n'),
  ]);
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

test('[0008] a diagram runs nothing, loads nothing and leads nowhere', async ({ page, server }) => {
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
  const { replyText } = await openConversation(page, server.databasePath, [
    'Draw it.',
    hostile.map(fencedDiagram).join('\n\n'),
  ]);
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
