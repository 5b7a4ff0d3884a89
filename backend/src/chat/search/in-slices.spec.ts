import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { inSlices } from './in-slices.js';

afterEach(() => {
  jest.restoreAllMocks();
});

/** Work of so many milliseconds by a clock that only the work advances. */
function workFor(milliseconds: number): Generator<undefined, string> {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  function* work(): Generator<undefined, string> {
    for (; now < milliseconds; now += 1) yield;
    return 'done';
  }
  return work();
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
