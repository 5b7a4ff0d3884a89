import type { Page } from '@playwright/test';
import { seedConversation } from '../../e2e/support/conversation/seed-conversation.ts';
import type { BenchStage } from './bench-stage.ts';
import { median, printTable, ratio } from './table.ts';
import { talk } from './texts.ts';

const LENGTHS = [10, 10_000];
const REPETITIONS = 7;
const LAST_WORDS = 'These are the last words.';

interface Times {
  readonly load: number;
  readonly click: number;
}

/** The time until the last message of a conversation is visible, by the number of its messages. */
export async function measureOpening(stage: BenchStage): Promise<void> {
  const page = await stage.newTab();
  const measured: Times[] = [];
  for (const length of LENGTHS) {
    const { id } = seedConversation(stage.server.databasePath, stage.person.email, talk(length, LAST_WORDS));
    const times: Times[] = [];
    for (let round = 0; round <= REPETITIONS; round += 1) times.push(await open(page, `/chat/${id}`));
    // The first run warms up.
    const [, ...counted] = times;
    measured.push({ load: median(counted.map(({ load }) => load)), click: median(counted.map(({ click }) => click)) });
  }
  await page.close();
  const [short] = measured;
  console.log(`\nUntil the last message is seen, ms (median of ${REPETITIONS})`);
  printTable(
    ['messages', 'page load', 'to 10', 'click in the sidebar', 'to 10'],
    measured.map(({ load, click }, at) => [
      (LENGTHS[at] ?? 0).toLocaleString('en'),
      load.toFixed(0),
      ratio(load, short?.load ?? Number.NaN),
      click.toFixed(0),
      ratio(click, short?.click ?? Number.NaN),
    ]),
  );
}

async function open(page: Page, path: string): Promise<Times> {
  await page.goto(path, { waitUntil: 'commit' });
  const load = await page.evaluate(untilSeen, { words: LAST_WORDS });
  await page.goto('/chat');
  await page.locator(`nav a[href="${path}"]`).waitFor();
  const click = await page.evaluate(untilSeen, { words: LAST_WORDS, link: `nav a[href="${path}"]` });
  return { load, click };
}

/** Runs in the page: the time from the click on `link`, or from the navigation, to the frame that shows `words`. */
async function untilSeen({ words, link }: { readonly words: string; readonly link?: string }): Promise<number> {
  const startedAt = link === undefined ? 0 : performance.now();
  if (link !== undefined) document.querySelector<HTMLElement>(link)?.click();
  for (;;) {
    await new Promise(requestAnimationFrame);
    const last = [...document.querySelectorAll('[role="log"] .markdown p')].at(-1);
    const { top, bottom } = last?.getBoundingClientRect() ?? { top: -1, bottom: 0 };
    const isSeen = top >= 0 && bottom <= innerHeight && last?.checkVisibility({ visibilityProperty: true });
    if (isSeen && last?.textContent.includes(words)) return performance.now() - startedAt;
  }
}
