import { createContext } from 'svelte';
import type { ConversationSettings } from '#protocol';
import { preferences } from '#lib/client.ts';
import type { PersonalStorage } from '#lib/storage/personal-storage.ts';
import { offeredModels } from '../composer/models/offered-models.svelte.ts';

type Settings = Omit<ConversationSettings, 'model'>;

const NAME = 'next-conversation';

/** Settings for the next conversation, before its first message. */
export class NewConversation {
  #settings = $state.raw<Settings>({});

  readonly model = $derived(preferences.current.model);

  constructor(
    private readonly storage: PersonalStorage,
    private readonly userId: string,
  ) {
    this.#settings = (storage.read('preferences', userId, NAME) as Settings | undefined) ?? {};
  }

  /** Instructions and parameters; until the conversation begins, its model is the preferred one. */
  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: Settings) {
    this.#settings = settings;
    this.storage.write('preferences', this.userId, NAME, Object.keys(settings).length > 0 ? settings : undefined);
  }

  /** Sets the preferred model for new conversations, in every tab. */
  async choose(model: string): Promise<void> {
    await preferences.choose({ model });
  }

  /** Returns the settings for the first message, and resets them for the next conversation. */
  consume(): ConversationSettings | undefined {
    const { settings, model } = this;
    this.settings = {};
    // The conversation keeps this model when the preference changes. Before the offer is known, trust the preference.
    const isOffered = model !== undefined && (offeredModels.items.length === 0 || offeredModels.has(model));
    const consumed = { ...settings, ...(isOffered && { model }) };
    return Object.keys(consumed).length > 0 ? consumed : undefined;
  }
}

export const [useNewConversation, provideNewConversation] = createContext<NewConversation>();
