import type { Page } from '@playwright/test';
import { Chat } from '../../e2e/support/chat.ts';
import type { BenchStage } from './bench-stage.ts';
import { endAnswer, streamPaced } from './paced-answer.ts';
import { tasksOf } from './thread-tasks.ts';
import { printTable } from './table.ts';
import { TEXTS } from './texts.ts';

const TABS = 5;
const PER_SECOND = 100;
const SECONDS = 10;
const TOKEN_LENGTH = 5;
const SETTLE_MS = 1_500;

/** Tasks that block the main thread while several tabs stream at once. */
export async function measureTabs(stage: BenchStage): Promise<void> {
  const pages: Page[] = [];
  for (let tab = 0; tab < TABS; tab += 1) pages.push(await stage.newTab());
  // In sequence, so that each tab gets its own answer.
  const answers = [];
  for (const page of pages) answers.push(await stage.ask(page));
  // The first words load the code for replies; the rest is measured.
  for (const answer of answers) await answer.text(TEXTS.reply(1_000));
  for (const page of pages) await page.waitForTimeout(SETTLE_MS / TABS);
  await Promise.all(pages.map((page) => page.evaluate(watchLongTasks)));
  await stage.startTracing();
  const text = TEXTS.reply(1_000 + SECONDS * PER_SECOND * TOKEN_LENGTH).slice(1_000);
  await Promise.all(answers.map((answer) => streamPaced(answer, text, TOKEN_LENGTH, PER_SECOND)));
  const tasks = await Promise.all(pages.map((page) => page.evaluate(longTasks)));
  const own = tasksOf(await stage.stopTracing()).map(({ ms }) => ms);
  for (const answer of answers) await endAnswer(answer);
  for (const page of pages) {
    await new Chat(page).finished();
    await page.close();
  }
  console.log(`\nTasks of more than 50 ms, ${TABS} tabs with ${PER_SECOND} tokens a second each, for ${SECONDS} s`);
  printTable(
    ['tab', 'tasks', 'longest, ms'],
    tasks.map((durations, at) => [
      String(at + 1),
      String(durations.length),
      durations.length === 0 ? '-' : Math.max(...durations).toFixed(0),
    ]),
  );
  console.log(
    `Of the processor itself, without waiting for it: ${own.length} tasks, ${own.filter((ms) => ms > 50).length} of them of more than 50 ms, the longest ${Math.max(...own).toFixed(0)} ms.`,
  );
}

/** Runs in the page. */
function watchLongTasks(): void {
  const durations: number[] = [];
  new PerformanceObserver((list) => durations.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: 'longtask',
  });
  Object.assign(window, { longTaskDurations: durations });
}

/** Runs in the page. */
function longTasks(): number[] {
  return (window as unknown as { longTaskDurations: number[] }).longTaskDurations;
}
