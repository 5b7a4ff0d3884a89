import type { OfferedProvider, ProviderList } from '#protocol';
import { fetchJson } from '../http/api.ts';

/** The sign-in providers of this installation. */
class SignInProviders {
  /** In the order of their buttons; `undefined` until they are known. */
  list = $state.raw<readonly OfferedProvider[]>();

  /** Reads them again each time: one may have become available. */
  async load(): Promise<void> {
    try {
      const headers = { accept: 'application/json' };
      this.list = (await fetchJson<ProviderList>('/api/auth/providers', { headers })).items;
    } catch (error) {
      console.debug('The sign-in providers are not known yet', error);
    }
  }

  labelOf(id: string | null): string | undefined {
    return this.list?.find((provider) => provider.id === id)?.label;
  }
}

export const providers = new SignInProviders();
