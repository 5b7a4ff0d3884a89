import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { NamedFile } from '../http/save-file.ts';
import { PersonPictures } from './person-pictures.ts';

const file = vi.fn<(path: string) => Promise<NamedFile>>();
const live = new Set<string>();
let pictures: PersonPictures;

beforeEach(() => {
  let count = 0;
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
    const address = `blob:${++count}`;
    live.add(address);
    return address;
  });
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation((address) => void live.delete(address));
  file.mockImplementation((path) => Promise.resolve({ name: path, content: new Blob() }));
  pictures = new PersonPictures({ file });
});
afterEach(() => {
  vi.restoreAllMocks();
  file.mockReset();
  live.clear();
});

it('reads each picture once, for all that show it', async () => {
  expect(await Promise.all([pictures.read('/a'), pictures.read('/a')])).toEqual(['blob:1', 'blob:1']);
  expect(await pictures.read('/a')).toBe('blob:1');
  expect(pictures.known('/a')).toBe('blob:1');
  expect(file).toHaveBeenCalledTimes(1);
});

it('tries again after a failure', async () => {
  file.mockRejectedValueOnce(new Error('no network'));
  expect(await pictures.read('/a')).toBeUndefined();
  expect(await pictures.read('/a')).toBe('blob:1');
});

it('keeps 200 pictures, and releases the oldest', async () => {
  for (let n = 0; n < 201; n++) await pictures.read(`/${n}`);
  expect(live.size).toBe(200);
  expect(pictures.known('/0')).toBeUndefined();
  expect(pictures.known('/200')).toBe('blob:201');
});

it('keeps nothing for the next user, not even what was being read', async () => {
  await pictures.read('/a');
  const reading = pictures.read('/b');
  pictures.forget();
  expect(await reading).toBeUndefined();
  expect([pictures.known('/a'), pictures.known('/b'), live.size]).toEqual([undefined, undefined, 0]);
});
