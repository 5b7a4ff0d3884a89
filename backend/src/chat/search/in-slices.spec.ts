import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { inSlices } from './in-slices.js';

function* workFor(milliseconds: number): Generator<undefined, string> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) yield;
  return 'done';
}

it('lets the event loop run during a long computation', async () => {
  const state = { isOver: false, turns: 0 };
  const turning = (async () => {
    while (!state.isOver) {
      await nextTurnOfTheLoop();
      state.turns += 1;
    }
  })();
  expect(await inSlices(workFor(40))).toBe('done');
  state.isOver = true;
  await turning;
  expect(state.turns).toBeGreaterThan(5);
});

it('finishes a short computation without a pause', async () => {
  expect(await inSlices(workFor(0))).toBe('done');
});
