import { describe, expect, it } from 'vitest';
import { type CreatedToken, MAX_TOKENS, type PersonalToken } from '#protocol';
import { RequestFailed } from '#lib/http/request-failed.ts';
import { TokenList } from './token-list.svelte.ts';

const NOW = 1_000_000;
const token = (id: string, expiresAt: number | null = null): PersonalToken => ({
  id,
  name: id,
  scopes: ['chat'],
  createdAt: 1,
  expiresAt,
  lastUsedAt: null,
});
const WANTED = { name: 'c', scopes: ['chat'], expiresAt: null } as const;

/** A server with these tokens, which answers each request with what `answers` has for its method. */
function listOf(items: readonly PersonalToken[], answers: { post?: () => unknown; delete?: () => unknown } = {}) {
  const asked: string[] = [];
  const list = new TokenList({
    get: <Data>() => Promise.resolve({ items, nextCursor: null } as Data),
    post: async <Data>(path: string) => {
      asked.push(`post ${path}`);
      return (await answers.post?.()) as Data;
    },
    delete: async <Data>(path: string) => {
      asked.push(`delete ${path}`);
      return (await answers.delete?.()) as Data;
    },
  });
  return { list, asked };
}

const idsOf = ({ tokens }: TokenList) => tokens?.map(({ id }) => id);
const fails = (code: 'not_found' | 'network') => () => Promise.reject(new RequestFailed(code, ''));

describe('the list of access tokens', () => {
  it('shows a new token once, whether its event comes before the answer or after it', async () => {
    const created: CreatedToken = { ...token('c'), token: 'lsk_secret' };
    const early = listOf([token('a')], { post: () => early.list.added(token('c')) ?? created });
    await early.list.read();
    expect(await early.list.create(WANTED)).toBe(true);
    early.list.added(token('c'));
    expect(idsOf(early.list)).toEqual(['c', 'a']);
    expect(early.list.created?.token).toBe('lsk_secret');
    expect(JSON.stringify(early.list.tokens)).not.toContain('lsk_secret');
  });

  it('shows when a token was last used', async () => {
    const { list } = listOf([token('b'), token('a')]);
    await list.read();
    list.used('a', NOW);
    expect(list.tokens?.map(({ lastUsedAt }) => lastUsedAt)).toEqual([null, NOW]);
  });

  it('keeps what was typed when the server refuses, and says why', async () => {
    const { list } = listOf([], { post: fails('network') });
    await list.read();
    expect(await list.create(WANTED)).toBe(false);
    expect(list.refusal).toMatchObject({ code: 'network' });
    expect([list.isCreating, list.created]).toEqual([false, undefined]);
  });

  it('removes a token that another tab has ended first, and forgets its secret', async () => {
    const { list, asked } = listOf([token('b'), token('a')], {
      post: () => ({ ...token('c'), token: 'lsk_secret' }),
      delete: fails('not_found'),
    });
    await list.read();
    await list.create(WANTED);
    list.ended('c');
    expect(list.created).toBeUndefined();
    await Promise.all([list.end('a'), list.end('a')]);
    expect(asked).toEqual(['post /api/tokens', 'delete /api/tokens/a']);
    expect(idsOf(list)).toEqual(['b']);
  });

  it('keeps a token that could not be ended, with the reason', async () => {
    const { list } = listOf([token('a')], { delete: fails('network') });
    await list.read();
    await list.end('a');
    expect(idsOf(list)).toEqual(['a']);
    expect(list.refusals.get('a')).toMatch(/./);
  });

  it('is full with twenty tokens that have not expired', async () => {
    const tokens = Array.from({ length: MAX_TOKENS }, (_, at) => token(`t${at}`, at === 0 ? NOW : null));
    const { list } = listOf(tokens);
    await list.read();
    expect([list.isFull(NOW - 1), list.isFull(NOW)]).toEqual([true, false]);
  });
});
