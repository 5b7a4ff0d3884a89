import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { MetricSet } from './metric-set.js';

beforeEach(() => {
  // The reason is logged.
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

it('a value that cannot be read, or not in time, is missing and keeps no other one back', async () => {
  const metrics = new MetricSet(20);
  let read = (): Promise<number> => Promise.resolve(1);
  metrics.gauge('changing', 'A value', () => read());
  metrics.gauge('steady', 'Another one', () => 7);
  const lines = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(await lines()).toEqual(['changing 1', 'steady 7']);
  read = () => new Promise(() => undefined);
  expect(await lines()).toEqual(['steady 7']);
  read = () => Promise.reject(new Error('gone'));
  expect(await lines()).toEqual(['steady 7']);
  read = () => Promise.resolve(2);
  expect(await lines()).toEqual(['changing 2', 'steady 7']);
});
