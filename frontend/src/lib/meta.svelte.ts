import type { InstallationMeta } from '#protocol';
import { fetchJson } from './http/api.ts';

/** Public facts about this installation. */
class MetaStore {
  /** The origin at which users sign in. */
  publicUrl = $state<string>();
  /** A local provider replaces Google. */
  hasLocalProvider = $state(false);
  /** A local program replaces the language model. */
  hasLocalModel = $state(false);
  /** After how many days without use conversations are deleted; `undefined` if never, or as long as it is not known. */
  retentionDays = $state<number>();
  #loading: Promise<void> | undefined;

  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      const { publicUrl, local, retentionDays } = await fetchJson<InstallationMeta>('/api/meta', {
        headers: { accept: 'application/json' },
      });
      this.publicUrl = publicUrl;
      this.hasLocalProvider = local.provider;
      this.hasLocalModel = local.model;
      this.retentionDays = retentionDays;
    } catch (error) {
      this.#loading = undefined;
      console.debug('Nothing is known about this installation yet', error);
    }
  }
}

export const meta = new MetaStore();
