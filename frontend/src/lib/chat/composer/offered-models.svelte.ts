import type { ModelList, OfferedModel } from '#protocol';
import { api } from '#lib/client.ts';

/** The models that this installation offers, the default first; empty until they are known. */
class OfferedModels {
  items = $state.raw<readonly OfferedModel[]>([]);
  /** Of all prices, an ISO code. */
  currency = $state('USD');

  /** Asks the server. What is known already stays where it cannot answer. */
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

  /** The one that answers where `wanted` is asked for: what is no longer offered is passed over. */
  answering(wanted: string | undefined): string | undefined {
    return wanted !== undefined && this.has(wanted) ? wanted : this.items[0]?.id;
  }
}

export const offeredModels = new OfferedModels();
