import { expect, it } from '@jest/globals';
import { until } from '../test/support/test-client.js';
import { Rounds } from './rounds.js';

it('begins at once, and again only when the last round has ended', async () => {
  let [begun, running, most] = [0, 0, 0];
  const ends: (() => void)[] = [];
  const rounds = new Rounds(async () => {
    begun += 1;
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
  });
  rounds.start(1);
  expect(begun).toBe(1);
  ends.shift()?.();
  await until(() => begun === 2, 'the second round');
  expect(most).toBe(1);

  let isStopped = false;
  const stopped = rounds.stop().then(() => (isStopped = true));
  await Promise.resolve();
  expect([rounds.stopping, isStopped]).toEqual([true, false]);
  ends.shift()?.();
  await stopped;
  expect([begun, running]).toEqual([2, 0]);
});
