import type { ModelList, OfferedModel } from '#protocol';
import { api } from '#lib/client.ts';

/** The models that this installation offers, the default first; empty until they are loaded. */
class OfferedModels {
  items = $state.raw<readonly OfferedModel[]>([]);
  /** The ISO code of the currency of all prices. */
  currency = $state('USD');

  /** Loads the list from the server; on failure the last one stays. */
  async load(): Promise<void> {
    try {
      const { items, currency } = await api.get<ModelList>('/api/models');
      this.currency = currency;
      this.items = items;
    } catch (error) {
      console.debug('The models are asked for again later', error);
    }
  }

  has(id: string): boolean {
    return this.items.some((model) => model.id === id);
  }

  /** The model that answers when `wanted` is chosen: the default if `wanted` is not offered. */
  answering(wanted: string | undefined): string | undefined {
    return wanted !== undefined && this.has(wanted) ? wanted : this.items[0]?.id;
  }
}

export const offeredModels = new OfferedModels();
