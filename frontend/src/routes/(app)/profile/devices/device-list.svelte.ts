import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { SessionList, SessionView } from '#protocol';
import { m } from '#lib/language/profile-messages.svelte.ts';
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

  isEndingOthers = $state(false);
  /** Why the others could not be ended, as a sentence. */
  refusal = $state('');
  /** What was done, as a sentence. */
  announcement = $state('');

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

  /** Whether there is a session that is not this one. */
  get hasOthers(): boolean {
    return this.devices?.some(({ current }) => !current) ?? false;
  }

  /** Ends all sessions but this one. */
  async endOthers(): Promise<void> {
    if (this.isEndingOthers) return;
    this.isEndingOthers = true;
    this.refusal = this.announcement = '';
    try {
      await this.api.delete('/api/auth/sessions');
      this.devices = this.devices?.filter(({ current }) => current);
      this.announcement = m.devices_others_ended();
    } catch (error) {
      this.refusal = sentenceOf(error);
    } finally {
      this.isEndingOthers = false;
    }
  }

  ended(id: string): void {
    this.devices = this.devices?.filter((device) => device.id !== id);
  }
}
