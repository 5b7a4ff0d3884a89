import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeServer, pass, typed } from './draft-server.fake.ts';
import { RequestFailed } from '../http/request-failed.ts';

const START = 1_000_000;

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  server = new FakeServer();
});
afterEach(() => vi.useRealTimers());

describe('a draft in several tabs', () => {
  it('is shown in another tab, with a typing indicator that disappears', async () => {
    const [one, two] = [server.tab(), server.tab()];
    await typed(one.draft, 'hello');
    await pass(800);
    expect(two.draft.text).toBe('hello');
    expect([one.draft.isTypedElsewhere, two.draft.isTypedElsewhere]).toEqual([false, true]);
    await pass(4_100);
    expect(two.draft.isTypedElsewhere).toBe(false);
  });

  it('is empty in every tab once it was sent, without a typing indicator', async () => {
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

  it('is also emptied by a message of another tab, which removes it on the server', async () => {
    const { draft } = server.tab();
    await typed(draft, 'hello');
    await pass(5_000);
    server.write('', 'the-id-of-the-message');
    await pass(20);
    expect(draft.text).toBe('');
  });

  it('is sent while it is being saved: the pending request does not restore it', async () => {
    server.delayMs = 300;
    const [one, two] = [server.tab(), server.tab()];
    await typed(one.draft, 'hello');
    await pass(700);
    one.draft.clear();
    await pass(2_000);
    expect([one.draft.text, two.draft.text, server.draft]).toEqual(['', '', null]);
  });

  it('does not change while the user is typing: the typed text wins, and is saved again', async () => {
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

  it('keeps one text in all tabs when two write at the same moment, in whichever order the requests arrive', async () => {
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

  it('ends with the last text although an older event arrives after the acknowledgement', async () => {
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

  it('keeps text that was typed after the message of another device, which removes only its own text', async () => {
    const { draft } = server.tab();
    await typed(draft, 'sent');
    await pass(5_000);
    server.failures.push(new RequestFailed('timeout', ''));
    draft.edit('sent, and more');
    await pass(3_000);
    server.write('', 'the-id-of-the-message');
    await pass(20);
    expect(draft.text).toBe('sent, and more');
    await pass(10_000);
    expect(server.draft?.text).toBe('sent, and more');
  });
});
