import { expect, it } from 'vitest';
import type { Page } from '#protocol';
import { PagedList } from './paged-list.svelte.ts';

interface Row {
  readonly id: string;
  readonly text?: string;
}
const row = (id: string): Row => ({ id });
const page = (ids: string, nextCursor: string | null = null): Promise<Page<Row>> =>
  Promise.resolve({ items: [...ids].map(row), nextCursor });
const ids = (list: PagedList<Row>): string => list.items.map(({ id }) => id).join('');

it('reads page after page', async () => {
  const list = new PagedList<Row>();
  expect(list.phase).toBe('loading');
  await list.read(() => page('ab', 'next'));
  expect([ids(list), list.phase, list.hasMore]).toEqual(['ab', 'ready', true]);
  const cursors: (string | undefined)[] = [];
  await list.readMore((cursor) => {
    cursors.push(cursor);
    return page('cd');
  });
  expect([ids(list), list.hasMore, cursors]).toEqual(['abcd', false, ['next']]);
});

it('keeps an item that an event added before its page was read', async () => {
  const list = new PagedList<Row>();
  await list.read(() => page('ab', 'next'));
  list.prepend(row('c'));
  await list.readMore(() => page('cd'));
  expect(ids(list)).toBe('cabd');
});

it('keeps what events changed while a page was read, which the server had written before', async () => {
  const list = new PagedList<Row>();
  await list.read(() => page('ab', 'next'));
  let answer: (value: Page<Row>) => void = () => undefined;
  const late = (): Promise<Page<Row>> => new Promise((resolve) => (answer = resolve));
  const again = list.read(late);
  list.prepend(row('c'));
  list.remove('a');
  list.replace({ id: 'b', text: 'new' });
  answer({ items: [row('a'), row('b')], nextCursor: 'next' });
  await again;
  expect(list.items).toEqual([row('c'), { id: 'b', text: 'new' }]);

  const more = list.readMore(late);
  list.remove('d');
  list.replace({ id: 'e', text: 'new' });
  answer({ items: [row('d'), row('e')], nextCursor: null });
  await more;
  expect(list.items).toEqual([row('c'), { id: 'b', text: 'new' }, { id: 'e', text: 'new' }]);

  // Without a request there is nothing to repeat.
  list.prepend(row('f'));
  await list.read(() => page('g'));
  expect(ids(list)).toBe('g');
});

it('shows the result of the last request, in whatever order they arrive', async () => {
  const list = new PagedList<Row>();
  let answerFirst: (value: Page<Row>) => void = () => undefined;
  const signals: AbortSignal[] = [];
  const first = list.read((_, signal) => {
    signals.push(signal);
    return new Promise((resolve) => (answerFirst = resolve));
  });
  await list.read(() => page('b'));
  answerFirst({ items: [row('a')], nextCursor: 'more' });
  await first;
  expect([ids(list), list.hasMore, signals[0]?.aborted]).toEqual(['b', false, true]);
});

it('says why reading failed, and recovers', async () => {
  const list = new PagedList<Row>();
  const failure = new Error('no');
  await list.read(() => Promise.reject(failure));
  expect([list.phase, list.failure]).toEqual(['failed', failure]);
  await list.read(() => page('a'));
  expect([list.phase, list.failure, ids(list)]).toEqual(['ready', undefined, 'a']);
});

it('keeps the loaded pages when the next one fails', async () => {
  const list = new PagedList<Row>();
  await list.read(() => page('a', 'next'));
  await list.readMore(() => Promise.reject(new Error('no')));
  expect([list.phase, ids(list), list.hasMore, list.isReadingMore]).toEqual(['ready', 'a', true, false]);
});

it('replaces an item in its place', async () => {
  const list = new PagedList<Row>();
  await list.read(() => page('abc'));
  expect(list.replace({ id: 'b', text: 'new' })).toBe(true);
  expect(list.replace(row('z'))).toBe(false);
  expect(list.items).toEqual([{ id: 'a' }, { id: 'b', text: 'new' }, { id: 'c' }]);
});
