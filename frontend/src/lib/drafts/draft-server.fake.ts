import { vi } from 'vitest';
import type { Draft as RemoteDraft } from '#protocol';
import type { DraftStorage, StoredDraft } from './draft-storage.ts';
import { Drafts } from './drafts.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { timeOfDay } from '../time-of-day.ts';

/** A browser's storage, which all its tabs share. */
export function sharedStorage(): DraftStorage & { readonly kept: Map<string, StoredDraft> } {
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

/** A fake server: orders edits and sends them to every tab, with a delay of `delayMs` each way. */
export class FakeServer {
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
    const event = { text, origin, at: timeOfDay() };
    this.draft = text === '' ? null : event;
    if (this.#isOnline) setTimeout(() => this.tabs.forEach((tab) => tab.onRemoteEdit(null, event)), this.delayMs);
  }

  goOffline(): void {
    this.#isOnline = false;
  }

  /** Restores the connection; each tab receives a snapshot first. */
  comeBack(): void {
    this.#isOnline = true;
    for (const tab of this.tabs) {
      tab.resume();
      tab.found(null, this.draft);
    }
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
export const typed = async (draft: Draft, text: string, everyMs = 100): Promise<void> => {
  for (const letter of text) {
    draft.edit(draft.text + letter);
    await pass(everyMs);
  }
};
