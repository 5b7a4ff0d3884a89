import { expect, it, jest } from '@jest/globals';
import { until } from '../../../test/support/test-client.js';
import { WriteProbe } from './write-probe.js';

const PATH = '/nowhere/chat.db';

it('answers in time while the write waits, writes once, and calls the file locked after a while', async () => {
  const written = Promise.withResolvers<void>();
  const write = jest.fn(() => written.promise);
  const probe = new WriteProbe(PATH, write, 10, 100);
  expect(await Promise.all([probe.refusal(), probe.refusal()])).toEqual([undefined, undefined]);
  await until(async () => (await probe.refusal()) === 'locked', 'the file counts as locked');
  expect(write).toHaveBeenCalledTimes(1);
  written.resolve();
  expect(await probe.refusal()).toBeUndefined();
  expect(write).toHaveBeenCalledTimes(1);
});

it('keeps a refusal while the next write waits', async () => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  const write = jest.fn((): Promise<void> => new Promise(() => undefined)).mockRejectedValueOnce(full);
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  const probe = new WriteProbe(PATH, write, 10);
  expect(await probe.refusal()).toBe('full');
  now = 2_000;
  expect(await probe.refusal()).toBe('full');
  expect(write).toHaveBeenCalledTimes(2);
  jest.restoreAllMocks();
});
