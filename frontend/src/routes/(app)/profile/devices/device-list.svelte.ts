import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { SessionList, SessionView } from '#protocol';
import type { Api } from '#lib/http/api.ts';
import { RequestFailed, sentenceOf } from '#lib/http/request-failed.ts';

/** The user's sessions: this device first, then the most recently used. */
export class DeviceList {
  devices = $state.raw<readonly SessionView[]>();
  /** Why the list could not be loaded. */
  failure = $state.raw<unknown>();
  readonly ending = new SvelteSet<string>();
  /** Why a session could not be ended, as a sentence. */
  readonly refusals = new SvelteMap<string, string>();

  constructor(private readonly api: Pick<Api, 'get' | 'delete'>) {}

  async read(): Promise<void> {
    try {
      const { items } = await this.api.get<SessionList>('/api/auth/sessions');
      this.devices = items.toSorted((a, b) => Number(b.current) - Number(a.current) || b.lastUsedAt - a.lastUsedAt);
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }

  async end(id: string): Promise<void> {
    if (this.ending.has(id)) return;
    this.ending.add(id);
    this.refusals.delete(id);
    try {
      await this.api.delete(`/api/auth/sessions/${id}`);
      this.ended(id);
    } catch (error) {
      // Another tab was faster: the session is already gone.
      if (error instanceof RequestFailed && error.code === 'not_found') this.ended(id);
      else this.refusals.set(id, sentenceOf(error));
    } finally {
      this.ending.delete(id);
    }
  }

  ended(id: string): void {
    this.devices = this.devices?.filter((device) => device.id !== id);
  }
}
