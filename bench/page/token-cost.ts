import type { CDPSession, Page } from '@playwright/test';
import { Chat } from '../../e2e/support/chat.ts';
import type { BenchStage } from './bench-stage.ts';
import { endAnswer, streamPaced } from './paced-answer.ts';
import { printTable, ratio } from './table.ts';
import { TEXTS } from './texts.ts';

const TOKEN_LENGTH = 5;
const PER_SECOND = 200;
const MEASURED_TOKENS = 1_000;
const SETTLE_MS = 1_500;
/** Ends with the last token: proves that everything was measured. */
const END = ' ~end~';

interface Cost {
  readonly total: number;
  readonly script: number;
}

const CASES: readonly (readonly [kind: keyof typeof TEXTS, length: number])[] = [
  ['reply', 1_000],
  ['reply', 10_000],
  ['reply', 50_000],
  ['list', 1_000],
  ['list', 50_000],
  ['code', 1_000],
  ['code', 50_000],
];

/** The cost of a token for the main thread of a tab, by the length of the reply so far. */
export async function measureTokenCost(stage: BenchStage): Promise<void> {
  const costs = new Map<string, Cost>();
  // The first run warms up: code that is loaded on demand, and the compiler.
  await costOf(stage, 'reply', 1_000);
  for (const [kind, length] of CASES) costs.set(`${kind} ${length}`, await costOf(stage, kind, length));
  console.log(`\nMain thread, ms of processor a token (${TOKEN_LENGTH} characters, ${PER_SECOND} a second)`);
  printTable(
    ['after', 'all', 'script', 'to 1,000'],
    CASES.map(([kind, length]) => {
      const cost = costs.get(`${kind} ${length}`) ?? { total: Number.NaN, script: Number.NaN };
      const first = costs.get(`${kind} 1000`)?.total ?? Number.NaN;
      const name = `${length.toLocaleString('en')} characters of a ${kind}`;
      return [name, cost.total.toFixed(2), cost.script.toFixed(2), ratio(cost.total, first)];
    }),
  );
}

async function costOf(stage: BenchStage, kind: keyof typeof TEXTS, length: number): Promise<Cost> {
  const page = await stage.newTab();
  const answer = await stage.ask(page);
  const text = TEXTS[kind](length + MEASURED_TOKENS * TOKEN_LENGTH);
  // The first part arrives at once; the measured part at the pace of a model.
  for (let at = 0; at < length; at += 500) await answer.text(text.slice(at, Math.min(length, at + 500)));
  await page.waitForTimeout(SETTLE_MS);
  const session = await page.context().newCDPSession(page);
  // CPU time of the thread: other programs do not affect it.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await metrics(session);
  await streamPaced(answer, text.slice(length), TOKEN_LENGTH, PER_SECOND);
  await answer.text(END);
  await page.waitForTimeout(SETTLE_MS);
  const after = await metrics(session);
  await checkEnd(page);
  await endAnswer(answer);
  await new Chat(page).finished();
  await page.close();
  const perToken = (seconds: number): number => (seconds * 1_000) / MEASURED_TOKENS;
  return { total: perToken(after.total - before.total), script: perToken(after.script - before.script) };
}

async function metrics(session: CDPSession): Promise<Cost> {
  const { metrics: all } = await session.send('Performance.getMetrics');
  const seconds = (name: string): number => all.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { total: seconds('TaskDuration'), script: seconds('ScriptDuration') };
}

async function checkEnd(page: Page): Promise<void> {
  const shown = await new Chat(page).replyText.textContent();
  if (!shown?.includes(END.trim())) throw new Error('The page did not keep up: what was measured is not all of it.');
}
