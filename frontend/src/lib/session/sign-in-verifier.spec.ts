import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetVerifier, keepVerifier, keptVerifier } from './sign-in-verifier.ts';

const MINUTE_MS = 60_000;

/** What a tab has: a storage of its own, and one that all tabs of the browser share. */
class Tab {
  readonly #own = storage();

  constructor(private readonly shared: Storage) {}

  in<Result>(work: () => Result): Result {
    vi.stubGlobal('sessionStorage', this.#own);
    vi.stubGlobal('localStorage', this.shared);
    return work();
  }
}

function storage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the verifier of a sign-in', () => {
  it('is that of the tab if two tabs begin at the same moment', () => {
    const shared = storage();
    const [first, second] = [new Tab(shared), new Tab(shared)];
    first.in(() => keepVerifier('one'));
    second.in(() => keepVerifier('two'));
    expect(first.in(keptVerifier)).toBe('one');
    expect(second.in(keptVerifier)).toBe('two');
  });

  it('is that of another tab if this one has begun none', () => {
    const shared = storage();
    new Tab(shared).in(() => keepVerifier('one'));
    expect(new Tab(shared).in(keptVerifier)).toBe('one');
  });

  it('stays for the other tab when one has signed in', () => {
    const shared = storage();
    const [first, second] = [new Tab(shared), new Tab(shared)];
    first.in(() => keepVerifier('one'));
    second.in(() => keepVerifier('one'));
    first.in(forgetVerifier);
    expect(first.in(keptVerifier)).toBeUndefined();
    expect(second.in(keptVerifier)).toBe('one');
  });

  it('is valid for eleven minutes', () => {
    const tab = new Tab(storage());
    tab.in(() => keepVerifier('one'));
    vi.advanceTimersByTime(11 * MINUTE_MS - 1);
    expect(tab.in(keptVerifier)).toBe('one');
    vi.advanceTimersByTime(1);
    expect(tab.in(keptVerifier)).toBeUndefined();
  });

  it('is missing if storage is blocked', () => {
    const blocked = {
      getItem: () => {
        throw new Error('blocked');
      },
    } as unknown as Storage;
    expect(new Tab(blocked).in(keptVerifier)).toBeUndefined();
  });
});
