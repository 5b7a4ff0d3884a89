import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeServer, pass, sharedStorage, typed } from './draft-server.fake.ts';

const START = 1_000_000;

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  server = new FakeServer();
});
afterEach(() => vi.useRealTimers());

describe('a draft after a reload or a reconnect', () => {
  it('is shown after a reload, before the server has answered, and is saved then', async () => {
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

  it('is replaced on opening by a newer one from elsewhere, but not by an older one', async () => {
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

  it('keeps and saves text that was typed offline, although the clock of the device was set back', async () => {
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

  it('is empty on opening when it was sent elsewhere, although this browser has a copy', async () => {
    const storage = sharedStorage();
    await typed(server.tab(storage).draft, 'hello');
    await pass(3_000);
    server.tabs.clear();
    server.write('', 'elsewhere');
    const { draft } = server.tab(storage);
    expect(draft.text).toBe('');
    expect(storage.kept.size).toBe(0);
  });
});
