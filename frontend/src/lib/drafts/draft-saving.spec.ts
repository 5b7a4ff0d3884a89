import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_TEXT_BYTES } from '#protocol';
import { FakeServer, pass, sharedStorage, typed } from './draft-server.fake.ts';
import { RequestFailed } from '../http/request-failed.ts';

const START = 1_000_000;

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  server = new FakeServer();
});
afterEach(() => vi.useRealTimers());

describe('saving a draft', () => {
  it('saves in a pause, not on every key', async () => {
    const { draft } = server.tab();
    await typed(draft, 'hello');
    expect(server.written).toEqual([]);
    await pass(700);
    expect(server.written).toEqual(['hello']);
  });

  it('saves every two seconds while the user types without a pause, and not more often', async () => {
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

  it('saves once with half a character replaced, which stays in the composer until its other half is typed', async () => {
    const { draft } = server.tab();
    draft.edit('a\ud83d');
    await pass(10_000);
    expect(server.written).toEqual(['a\ufffd']);
    draft.edit('a\ud83d\ude00');
    await pass(5_000);
    expect(server.written).toEqual(['a\ufffd', 'a😀']);
    expect(draft.text).toBe('a😀');
  });

  it('saves at once when the page may be left', async () => {
    const { drafts, draft } = server.tab();
    draft.edit('half a sent');
    drafts.flush();
    await pass(20);
    expect(server.written).toEqual(['half a sent']);
    drafts.flush();
    await pass(5_000);
    expect(server.written).toHaveLength(1);
  });

  it('keeps a text in the browser that is too long for the server', async () => {
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

  it('saves again after a temporary failure, and keeps the text silently if the conversation does not exist', async () => {
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

  it('does not restore a draft that was removed for the next user of the browser', async () => {
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
