import { Chat } from '../support/chat.ts';
import { fencedDiagram } from '../support/conversation/fenced-diagram.ts';
import { openConversation } from '../support/conversation/open-conversation.ts';
import { newPerson } from '../support/people.ts';
import { SCREENS } from '../support/screens.ts';
import { seedConversation } from '../support/conversation/seed-conversation.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('tasks are boxes that say whether they are done, and cannot be changed', async ({ page, server }) => {
  const { replyText } = await openConversation(page, server.databasePath, [
    'And now?',
    '- [x] first\n- [ ] second\n  - [ ] below',
  ]);
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
const WIDE_DIAGRAM = fencedDiagram(
  `flowchart LR\n${Array.from({ length: 9 }, (_, at) => `  N${at} --> N${at + 1}`).join('\n')}`,
);
const LONG_FORMULA = `$$\n${'a_{1} + b_{2} + '.repeat(20)} c\n$$`;

test.describe('on a phone', () => {
  test.use(SCREENS.phone);

  test('wide tables, long lines, formulas and diagrams scroll in themselves', async ({ page, server }) => {
    const parts = [WIDE_TABLE, LONG_LINE, LONG_FORMULA, WIDE_DIAGRAM];
    const { replyText, thread } = await openConversation(page, server.databasePath, ['Show me.', parts.join('\n\n')]);
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

test('parts that cannot be loaded leave the text as it was written, and the page at work', async ({ page, server }) => {
  const person = newPerson();
  await signIn(page, person);
  const chat = new Chat(page);
  const open = async (reply: string): Promise<void> => {
    const { id } = seedConversation(server.databasePath, person.email, ['All of it.', reply]);
    await page.goto(`/chat/${id}`);
    await expect(chat.replies.last()).toBeVisible();
  };
  // What plain text needs is there; all else is gone, as for a page that was open while a new version was installed.
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
    `\`\`\`ts\nconst answer = 42;\n\`\`\`\n\nThen $x^2$ and\n\n$$\ny^2\n$$\n\n${fencedDiagram('flowchart LR\n  A --> B')}`,
  );
  await failed;
  expect(missing.length).toBeGreaterThan(0);
  await expect(chat.replyText.locator('pre').first()).toHaveText('const answer = 42;');
  await expect(chat.replyText).toContainText('Then x^2 and');
  await expect(chat.replyText).toContainText('A --> B');
  await chat.ask('/echo Still here.');
  await expect(chat.replyText).toHaveText('Still here.');
});
