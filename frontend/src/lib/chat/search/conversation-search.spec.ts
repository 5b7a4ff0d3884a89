import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RequestOptions } from '#lib/http/api.ts';
import { ConversationSearch } from './conversation-search.svelte.ts';

interface Asked {
  readonly words: string | null;
  readonly signal: AbortSignal | undefined;
  answer(titles: readonly string[]): void;
  refuse(error: Error): void;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(): { search: ConversationSearch; asked: Asked[] } {
  const asked: Asked[] = [];
  const get = <Data>(path: string, options?: RequestOptions): Promise<Data> => {
    const { promise, resolve, reject } = Promise.withResolvers<Data>();
    asked.push({
      words: new URL(path, 'http://localhost').searchParams.get('q'),
      signal: options?.signal,
      answer: (titles) => resolve({ items: titles.map((title) => ({ id: title, title })), nextCursor: null } as Data),
      refuse: reject,
    });
    return promise;
  };
  return { search: new ConversationSearch({ get }), asked };
}

const titlesOf = (search: ConversationSearch): string[] => search.found.map(({ title }) => title);

it('sends one request after a pause in typing', async () => {
  const { search, asked } = setUp();
  search.look('c')();
  search.look('cl')();
  search.look('clocks');
  await vi.runAllTimersAsync();
  expect(asked.map(({ words }) => words)).toEqual(['clocks']);
});

it('keeps the last results during the next search, and aborts the request that is out of date', async () => {
  const { search, asked } = setUp();
  const stop = search.look('clock');
  await vi.runAllTimersAsync();
  asked[0]?.answer(['Vector clocks']);
  await vi.runAllTimersAsync();
  stop();
  const stopSecond = search.look('clocks a');
  await vi.runAllTimersAsync();
  expect(titlesOf(search)).toEqual(['Vector clocks']);
  expect(search.foundWords).toBe('clock');
  stopSecond();
  expect(asked[1]?.signal?.aborted).toBe(true);
  search.look('clocks b');
  await vi.runAllTimersAsync();
  asked[2]?.answer(['B']);
  asked[1]?.answer(['A']);
  await vi.runAllTimersAsync();
  expect(titlesOf(search)).toEqual(['B']);
  expect(search.isSearching).toBe(false);
});

it('says why a search failed, and clears that with the next words', async () => {
  const { search, asked } = setUp();
  search.look('clocks');
  await vi.runAllTimersAsync();
  const failure = new Error('away');
  asked[0]?.refuse(failure);
  await vi.runAllTimersAsync();
  expect(search.failure).toBe(failure);
  expect(search.isSearching).toBe(false);
  search.look('clocks again');
  expect(search.failure).toBeUndefined();
});

it('sends no request without words, and shows no results', async () => {
  const { search, asked } = setUp();
  const stop = search.look('clocks');
  await vi.runAllTimersAsync();
  asked[0]?.answer(['Vector clocks']);
  await vi.runAllTimersAsync();
  stop();
  search.look('');
  await vi.runAllTimersAsync();
  expect(asked).toHaveLength(1);
  expect(titlesOf(search)).toEqual([]);
  expect(search.isSearching).toBe(false);
});
