import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LazyModule } from './lazy-module.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, 'warn').mockReturnValue(undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('is loaded once for any number of users', async () => {
  const load = vi.fn(() => Promise.resolve('module'));
  const module = new LazyModule(load);
  expect(module.current).toBeUndefined();
  await Promise.all([module.load(), module.load()]);
  expect(module.current).toBe('module');
  expect(load).toHaveBeenCalledTimes(1);
});

it('is missing after a failure, and loaded again only after a pause', async () => {
  const load = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('offline')).mockResolvedValue('module');
  const module = new LazyModule(load);
  await module.load();
  await module.load();
  expect(module.current).toBeUndefined();
  expect(load).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10_000);
  await module.load();
  expect(module.current).toBe('module');
});
