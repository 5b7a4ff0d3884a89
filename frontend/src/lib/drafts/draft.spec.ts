import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_TEXT_BYTES, type Draft as RemoteDraft } from '#protocol';
import type { DraftStorage, StoredDraft } from './draft-storage.ts';
import { Drafts } from './drafts.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { RequestFailed } from '../http/request-failed.ts';

const START = 1_000_000;

/** A browser's storage, which all its tabs share. */
function sharedStorage(): DraftStorage & { readonly kept: Map<string, StoredDraft> } {
  const kept = new Map<string, StoredDraft>();
  return {
    kept,
    read: (userId, place) => kept.get(`${userId}.${place}`),
    write: (userId, place, draft) => {
      if (draft) kept.set(`${userId}.${place}`, draft);
      else kept.delete(`${userId}.${place}`);
    },
  };
}

/**
 * The server's side: orders what is written and tells every tab, after `delayMs` each way. An acknowledgement comes
 * when the test lets it, or at once.
 */
class FakeServer {
  draft: RemoteDraft | null = null;
  readonly written: string[] = [];
  readonly failures: RequestFailed[] = [];
  readonly tabs = new Set<Drafts>();
  delayMs = 10;
  #isOnline = true;

  tab(storage: DraftStorage = sharedStorage()): { readonly drafts: Drafts; readonly draft: Draft } {
    const drafts = new Drafts(
      storage,
      async ({ text, origin }) => {
        if (!this.#isOnline) throw new RequestFailed('disconnected', '');
        await delay(this.delayMs);
        const failure = this.failures.shift();
        if (failure) throw failure;
        this.write(text, origin);
        await delay(this.delayMs);
      },
      () => 'me',
    );
    this.tabs.add(drafts);
    const draft = drafts.of(null);
    if (this.#isOnline) drafts.found(null, this.draft);
    return { drafts, draft };
  }

  write(text: string, origin: string): void {
    this.written.push(text);
    if ((this.draft?.text ?? '') === text) return;
    const event = { text, origin, at: Date.now() };
    this.draft = text === '' ? null : event;
    if (this.#isOnline) setTimeout(() => this.tabs.forEach((tab) => tab.onRemoteEdit(null, event)), this.delayMs);
  }

  goOffline(): void {
    this.#isOnline = false;
  }

  /** The connection is back, and each tab begins with a snapshot. */
  comeBack(): void {
    this.#isOnline = true;
    for (const tab of this.tabs) {
      tab.resume();
      tab.found(null, this.draft);
    }
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const typed = async (draft: Draft, text: string, everyMs = 100): Promise<void> => {
  for (const letter of text) {
    draft.edit(draft.text + letter);
    await pass(everyMs);
  }
};

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  server = new FakeServer();
});
afterEach(() => vi.useRealTimers());

describe('a draft', () => {
  it('is written in a pause, not with every key', async () => {
    const { draft } = server.tab();
    await typed(draft, 'hello');
    expect(server.written).toEqual([]);
    await pass(700);
    expect(server.written).toEqual(['hello']);
  });

  it('is written every two seconds while somebody types without a pause, and not more often', async () => {
    const { draft } = server.tab();
    await typed(draft, 'x'.repeat(50), 200);
    expect(server.written.length).toBeGreaterThanOrEqual(4);
    expect(server.written.length).toBeLessThanOrEqual(5);
    await pass(2_100);
    expect(server.written.at(-1)).toBe('x'.repeat(50));
    for (const word of ['a', 'b', 'c']) {
      draft.edit(word);
      await pass(750);
    }
    await pass(5_000);
    expect(server.written.slice(-2)).toEqual(['a', 'c']);
  });

  it('is written once with half a character replaced, which stays in the composer until its other half comes', async () => {
    const { draft } = server.tab();
    draft.edit('a\ud83d');
    await pass(10_000);
    expect(server.written).toEqual(['a\ufffd']);
    draft.edit('a\ud83d\ude00');
    await pass(5_000);
    expect(server.written).toEqual(['a\ufffd', 'a😀']);
    expect(draft.text).toBe('a😀');
  });

  it('is written at once when the page may be left', async () => {
    const { drafts, draft } = server.tab();
    draft.edit('half a sent');
    drafts.flush();
    await pass(20);
    expect(server.written).toEqual(['half a sent']);
    drafts.flush();
    await pass(5_000);
    expect(server.written).toHaveLength(1);
  });

  it('shows in another tab, with the news that somebody types there, which fades', async () => {
    const [one, two] = [server.tab(), server.tab()];
    await typed(one.draft, 'hello');
    await pass(800);
    expect(two.draft.text).toBe('hello');
    expect([one.draft.isTypedElsewhere, two.draft.isTypedElsewhere]).toEqual([false, true]);
    await pass(4_100);
    expect(two.draft.isTypedElsewhere).toBe(false);
  });

  it('is empty in every tab once it was sent, and nobody types there any more', async () => {
    const [one, two] = [server.tab(), server.tab()];
    await typed(one.draft, 'hello');
    await pass(800);
    one.draft.clear();
    await pass(50);
    expect([one.draft.text, two.draft.text]).toEqual(['', '']);
    expect(two.draft.isTypedElsewhere).toBe(false);
    await pass(10_000);
    expect(server.draft).toBeNull();
  });

  it('is emptied by the message of another tab as well, which removes it on the server', async () => {
    const { draft } = server.tab();
    await typed(draft, 'hello');
    await pass(5_000);
    server.write('', 'the-id-of-the-message');
    await pass(20);
    expect(draft.text).toBe('');
  });

  it('is sent while it is being written: what was under way does not bring it back', async () => {
    server.delayMs = 300;
    const [one, two] = [server.tab(), server.tab()];
    await typed(one.draft, 'hello');
    await pass(700);
    one.draft.clear();
    await pass(2_000);
    expect([one.draft.text, two.draft.text, server.draft]).toEqual(['', '', null]);
  });

  it('does not change under the fingers of whoever types: their text wins, and is written again', async () => {
    const [one, two] = [server.tab(), server.tab()];
    one.draft.edit('from one');
    await pass(900);
    expect(two.draft.text).toBe('from one');
    two.draft.edit('from two');
    await pass(10);
    server.write('from a third', 'a-third-device');
    await pass(20);
    expect(two.draft.text).toBe('from two');
    await pass(5_000);
    expect([one.draft.text, two.draft.text, server.draft?.text]).toEqual(['from two', 'from two', 'from two']);
  });

  it('keeps one text in all tabs when two write at the same moment, whichever order the network gives them', async () => {
    for (const delayMs of [1, 50, 699, 1_500, 2_500]) {
      server = new FakeServer();
      server.delayMs = delayMs;
      const [one, two] = [server.tab(), server.tab()];
      await typed(one.draft, 'on');
      await typed(two.draft, 'two');
      one.draft.edit('one');
      await pass(60_000);
      expect(new Set([one.draft.text, two.draft.text, server.draft?.text]).size, `${delayMs} ms`).toBe(1);
    }
  });

  it('ends on the last text though an older event is shown after the acknowledgement', async () => {
    const { drafts, draft } = server.tab();
    server.tabs.delete(drafts);
    await typed(draft, 'mine');
    await pass(3_000);
    const mine = server.draft;
    drafts.onRemoteEdit(null, { text: 'older', origin: 'elsewhere', at: START });
    expect(draft.text).toBe('older');
    if (mine) drafts.onRemoteEdit(null, mine);
    expect(draft.text).toBe('mine');
  });

  it('is there after a reload, before the server has said anything, and is written then', async () => {
    const storage = sharedStorage();
    server.goOffline();
    await typed(server.tab(storage).draft, 'typed on a train');
    server.tabs.clear();
    const { draft } = server.tab(storage);
    expect(draft.text).toBe('typed on a train');
    server.comeBack();
    await pass(3_000);
    expect(server.draft?.text).toBe('typed on a train');
  });

  it('gives way on opening to a newer one from elsewhere, and not to an older one', async () => {
    const storage = sharedStorage();
    server.goOffline();
    await typed(server.tab(storage).draft, 'in the morning');
    server.tabs.clear();
    await pass(60_000);
    server.draft = { text: 'at noon', origin: 'elsewhere', at: Date.now() };
    await pass(60_000);
    const later = server.tab(storage);
    server.comeBack();
    await pass(10);
    expect(later.draft.text).toBe('at noon');

    server.goOffline();
    await typed(later.draft, ', and after');
    server.draft = { text: 'at noon', origin: 'elsewhere', at: Date.now() - 60_000 };
    await pass(60_000);
    server.comeBack();
    await pass(5_000);
    expect(server.draft.text).toBe('at noon, and after');
  });

  it('keeps and writes what was typed without a network, though the clock of the device went back', async () => {
    const { draft } = server.tab();
    server.write('at noon', 'elsewhere');
    await pass(20);
    server.goOffline();
    vi.setSystemTime(Date.now() - 600_000);
    await typed(draft, ', and after');
    await pass(60_000);
    server.comeBack();
    expect(draft.text).toBe('at noon, and after');
    await pass(5_000);
    expect(server.draft?.text).toBe('at noon, and after');
  });

  it('is gone on opening when it was sent elsewhere, though this browser has a copy', async () => {
    const storage = sharedStorage();
    await typed(server.tab(storage).draft, 'hello');
    await pass(3_000);
    server.tabs.clear();
    server.write('', 'elsewhere');
    const { draft } = server.tab(storage);
    expect(draft.text).toBe('');
    expect(storage.kept.size).toBe(0);
  });

  it('stays here when it is too long for the server', async () => {
    const storage = sharedStorage();
    const { draft } = server.tab(storage);
    draft.edit('ü'.repeat(MAX_TEXT_BYTES / 2 + 1));
    await pass(10_000);
    expect(server.written).toEqual([]);
    server.write('something short', 'elsewhere');
    await pass(20);
    expect(draft.text).toHaveLength(MAX_TEXT_BYTES / 2 + 1);
    expect(server.tab(storage).draft.text).toHaveLength(MAX_TEXT_BYTES / 2 + 1);
    draft.edit('ü'.repeat(MAX_TEXT_BYTES / 2));
    await pass(3_000);
    expect(server.draft?.text).toHaveLength(MAX_TEXT_BYTES / 2);
  });

  it('is written again after a failure that passes, and quietly kept for a conversation that is not there', async () => {
    const { draft } = server.tab();
    server.failures.push(new RequestFailed('rate_limited', '', { retryAfterMs: 8_000 }));
    draft.edit('hello');
    await pass(8_000);
    expect(server.draft).toBeNull();
    await pass(1_000);
    expect(server.draft).toMatchObject({ text: 'hello' });

    server.failures.push(new RequestFailed('not_found', ''));
    draft.edit('hello again');
    await pass(60_000);
    expect(server.draft).toMatchObject({ text: 'hello' });
    draft.edit('hello again!');
    await pass(3_000);
    expect(server.draft).toMatchObject({ text: 'hello again!' });
  });

  it('does not come back after it was forgotten for the next person at the same machine', async () => {
    const storage = sharedStorage();
    const { drafts, draft } = server.tab(storage);
    await typed(draft, 'secret');
    drafts.close();
    storage.kept.clear();
    await pass(10_000);
    expect(storage.kept.size).toBe(0);
    expect(server.written).toEqual([]);
  });
});
