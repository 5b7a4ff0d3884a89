import { expect, it } from 'vitest';
import { RequestFailed } from '#lib/http/request-failed.ts';
import { SignInWays } from './sign-in-ways.svelte.ts';

const identity = (id: string) => ({ id, label: id, email: null, linkedAt: 1, lastUsedAt: null });

async function ways(refusal?: RequestFailed): Promise<SignInWays> {
  const list = new SignInWays({
    get: async <Data>() => ({ items: [identity('a'), identity('b')], nextCursor: null }) as Data,
    delete: async () => {
      if (refusal) throw refusal;
    },
  });
  await list.read();
  return list;
}

it('removes an identity, also one that another tab has removed', async () => {
  for (const refusal of [undefined, new RequestFailed('not_found', 'gone')]) {
    const list = await ways(refusal);
    await list.remove('a');
    expect(list.identities?.map(({ id }) => id)).toEqual(['b']);
    expect(list.refusals.size).toBe(0);
  }
});

it('keeps an identity that cannot be removed, and says why', async () => {
  const list = await ways(new RequestFailed('last_identity', 'the last'));
  await list.remove('a');
  expect(list.identities).toHaveLength(2);
  expect(list.refusals.get('a')).toMatch(/only way/);
  expect(list.removing.size).toBe(0);
});

it('says that the list could not be loaded', async () => {
  const list = new SignInWays({
    get: () => Promise.reject(new Error('down')),
    delete: () => Promise.reject(new Error()),
  });
  await list.read();
  expect(list.failure).toBeInstanceOf(Error);
});
