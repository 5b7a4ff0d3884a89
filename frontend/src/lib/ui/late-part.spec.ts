import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LatePart } from './late-part.svelte.ts';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

it('is loaded once, however often it is asked to try again', async () => {
  const load = vi.fn(() => Promise.resolve('part'));
  const part = new LatePart(load);
  part.retry();
  await expect(part.loading).resolves.toBe('part');
  part.retry();
  expect(load).toHaveBeenCalledTimes(1);
});

it('is loaded again after each failure', async () => {
  const load = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new Error('no server'))
    .mockRejectedValueOnce(new Error('no server'))
    .mockResolvedValue('part');
  const part = new LatePart(load);
  await expect(part.loading).rejects.toThrow('no server');
  part.retry();
  await expect(part.loading).rejects.toThrow('no server');
  part.retry();
  await expect(part.loading).resolves.toBe('part');
});
