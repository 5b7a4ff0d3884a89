import { expect, it } from 'vitest';
import type { SessionView } from '#protocol';
import { RequestFailed } from '#lib/http/request-failed.ts';
import { DeviceList } from './device-list.svelte.ts';

const session = (id: string, current = false): SessionView => ({
  id,
  userAgent: '',
  createdAt: 0,
  lastUsedAt: 0,
  current,
});

function listOf(refusal?: RequestFailed) {
  const asked: string[] = [];
  const list = new DeviceList({
    get: <Data>() =>
      Promise.resolve({
        items: [session('phone'), session('this', true), session('tablet')],
        nextCursor: null,
      } as Data),
    delete: (path: string) => {
      asked.push(path);
      return refusal ? Promise.reject(refusal) : Promise.resolve();
    },
  });
  return { list, asked };
}

it('ends all other sessions with one request, and keeps this one', async () => {
  const { list, asked } = listOf();
  await list.read();
  expect(list.hasOthers).toBe(true);
  await Promise.all([list.endOthers(), list.endOthers()]);
  expect(asked).toEqual(['/api/auth/sessions']);
  expect(list.devices?.map(({ id }) => id)).toEqual(['this']);
  expect(list.hasOthers).toBe(false);
  expect(list.announcement).toBe('All your other devices are signed out.');
});

it('keeps the other sessions in view when they could not be ended, and says why', async () => {
  const { list } = listOf(new RequestFailed('network', ''));
  await list.read();
  await list.endOthers();
  expect(list.devices).toHaveLength(3);
  expect(list.refusal).toMatch(/\.$/);
  expect(list.announcement).toBe('');
});
