import type { InstallationMeta } from '#protocol';
import { fetchJson } from './http/api.ts';

/** What this installation is made of, as far as everybody may know. */
class MetaStore {
  /** The origin at which people sign in. */
  publicUrl = $state<string>();
  /** Where people sign in, as they know it. */
  provider = $state<string>();
  /** A local provider answers where Google would. */
  hasLocalProvider = $state(false);
  /** A local program answers where a language model would. */
  hasLocalModel = $state(false);
  #loading: Promise<void> | undefined;

  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      const { publicUrl, provider, local } = await fetchJson<InstallationMeta>('/api/meta', {
        headers: { accept: 'application/json' },
      });
      this.publicUrl = publicUrl;
      this.provider = provider;
      this.hasLocalProvider = local.provider;
      this.hasLocalModel = local.model;
    } catch (error) {
      this.#loading = undefined;
      console.debug('Nothing is known about this installation yet', error);
    }
  }
}

export const meta = new MetaStore();
