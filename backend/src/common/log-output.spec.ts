import { expect, it } from '@jest/globals';
import { LogOutput } from './log-output.js';

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

it('waits for the last lines no longer than they take, and leaves no timer that keeps the process', async () => {
  const output = new LogOutput();
  const before = timers();
  await output.written();
  // An aborted timer has gone in the next turn.
  await new Promise((resolve) => void setImmediate(resolve));
  expect(timers()).toBe(before);
});
