import { setTimeout as delay } from 'node:timers/promises';
import type { Turn } from './scene.js';
import type { Tab } from './tabs/tab.js';

/** The longest time, in milliseconds, without a new token at a tab while `during` runs. */
export async function longestPause(tab: Tab, { stream }: Turn, during: Promise<unknown>): Promise<number> {
  let [length, since, longest] = [tab.textOf(stream).length, performance.now(), 0];
  const state = { isOver: false };
  const over = during.finally(() => (state.isOver = true));
  while (!state.isOver) {
    const now = tab.textOf(stream).length;
    longest = Math.max(longest, performance.now() - since);
    if (now > length) [length, since] = [now, performance.now()];
    await delay(20);
  }
  await over;
  return longest;
}
