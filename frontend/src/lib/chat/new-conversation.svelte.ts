import { createContext } from 'svelte';
import type { ConversationSettings, User } from '#protocol';
import { api, session } from '../client.ts';
import { offeredModels } from './offered-models.svelte.ts';

/** What is chosen for the conversation that has not begun. */
export class NewConversation {
  /** Instructions and parameters; the model is a matter of preference until the conversation begins. */
  settings = $state.raw<Omit<ConversationSettings, 'model'>>({});
  /** Chosen in this tab, until the server has taken it as the person's preference. */
  #chosen = $state<string>();

  readonly model = $derived(this.#chosen ?? session.user?.preferences.model);

  /** Chooses the model of the next conversations, in every tab. Offline it holds in this tab. */
  async choose(model: string): Promise<void> {
    this.#chosen = model;
    try {
      session.update(await api.patch<User>('/api/profile/me', { preferences: { model } }));
      if (this.#chosen === model) this.#chosen = undefined;
    } catch (error) {
      console.debug('The choice of a model holds in this tab alone', error);
    }
  }

  /** What the first message takes along; the next conversation begins with nothing of it. */
  take(): ConversationSettings | undefined {
    const { settings, model } = this;
    this.settings = {};
    // A later preference is not for a conversation that has begun.
    const taken = { ...settings, ...(model !== undefined && offeredModels.has(model) && { model }) };
    return Object.keys(taken).length > 0 ? taken : undefined;
  }
}

export const [useNewConversation, provideNewConversation] = createContext<NewConversation>();
