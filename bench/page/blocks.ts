import type { Page } from '@playwright/test';
import { Chat } from '../../e2e/support/chat.ts';
import { seedConversation } from '../../e2e/support/conversation/seed-conversation.ts';
import type { BenchStage } from './bench-stage.ts';
import { BLOCKS } from '../../frontend/src/lib/markdown/examples/long-blocks.ts';
import { type Task, tasksOf } from './thread-tasks.ts';
import { printTable } from './table.ts';

const MOST_MS = 50;
/** For longer tasks the table shows what they did. */
const SHOWN_MS = 40;
const SETTLE_MS = 500;
/** A page that has not changed for this long counts as drawn. */
const QUIET_MS = 1_000;

/** Tasks that block the main thread while a reply is opened that is one block of 400,000 characters. */
export async function measureBlocks(stage: BenchStage, wanted: readonly string[]): Promise<void> {
  const blocks = Object.entries(BLOCKS).filter(([name]) => wanted.length === 0 || wanted.includes(name));
  const page = await stage.newTab();
  const rows: { readonly name: string; readonly longest: Task; readonly over: number; readonly all: number }[] = [];
  // Warms up: what a first reply loads does not count.
  const warm = '# a *b* `c` $d$\n\n```js\nlet a;\n```\n\n| a |\n|--|\n| b |\n\n- c\n';
  for (const [name, text] of [['', warm], ['a short reply', warm], ...blocks] as const) {
    const { id } = seedConversation(stage.server.databasePath, stage.person.email, ['A question', text]);
    await page.goto('/chat');
    await page.locator(`a[href="/chat/${id}"]`).first().waitFor();
    await page.waitForTimeout(SETTLE_MS);
    await stage.collectGarbage(page);
    await stage.startTracing();
    await page.locator(`a[href="/chat/${id}"]`).first().click();
    await untilDrawn(page);
    const tasks = tasksOf(await stage.stopTracing()).toSorted((a, b) => b.ms - a.ms);
    const [longest] = tasks;
    if (name === '' || !longest) continue;
    const over = tasks.filter(({ ms }) => ms > MOST_MS).length;
    rows.push({ name, longest, over, all: tasks.reduce((sum, { ms }) => sum + ms, 0) });
  }
  await page.close();
  console.log(`\nOpening one block of 400,000 characters: tasks of the main thread, ms of the processor`);
  printTable(
    ['block', 'longest', `over ${MOST_MS}`, 'all', 'the longest'],
    rows
      .toSorted((a, b) => b.longest.ms - a.longest.ms)
      .map(({ name, longest, over, all }) => [
        name,
        longest.ms.toFixed(0),
        String(over),
        all.toFixed(0),
        longest.ms > SHOWN_MS ? mainParts(longest) : '',
      ]),
  );
}

/** The most expensive parts of a task. */
const mainParts = ({ parts }: Task): string =>
  [...parts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
    .join(', ');

/** Waits until the reply is there and its height has not changed for a while. */
async function untilDrawn(page: Page): Promise<void> {
  await new Chat(page).replyText.waitFor({ state: 'attached', timeout: 60_000 });
  await page.evaluate(async (quietMs) => {
    let height = -1;
    for (let since = performance.now(); performance.now() - since < quietMs;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = document.querySelector('[role="log"] .markdown:not(.own)')?.scrollHeight ?? 0;
      if (now !== height) [height, since] = [now, performance.now()];
    }
  }, QUIET_MS);
}
