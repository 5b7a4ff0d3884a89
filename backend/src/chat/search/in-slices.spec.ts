import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { inSlices } from './in-slices.js';

function* workFor(milliseconds: number): Generator<undefined, string> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) yield;
  return 'done';
}

it('leaves the event loop its turns while something long is computed', async () => {
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

it('computes what is short at once', async () => {
  expect(await inSlices(workFor(0))).toBe('done');
});
