import { createContext } from 'svelte';
import type { ConversationSettings } from '#protocol';
import { preferences } from '#lib/client.ts';
import type { PersonalStorage } from '#lib/storage/personal-storage.ts';
import { offeredModels } from '../composer/offered-models.svelte.ts';

type Settings = Omit<ConversationSettings, 'model'>;

const NAME = 'next-conversation';

/** What is chosen for the conversation that has not begun. */
export class NewConversation {
  #settings = $state.raw<Settings>({});

  readonly model = $derived(preferences.current.model);

  constructor(
    private readonly storage: PersonalStorage,
    private readonly userId: string,
  ) {
    this.#settings = (storage.read('preferences', userId, NAME) as Settings | undefined) ?? {};
  }

  /** Instructions and parameters; the model is a matter of preference until the conversation begins. */
  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: Settings) {
    this.#settings = settings;
    this.storage.write('preferences', this.userId, NAME, Object.keys(settings).length > 0 ? settings : undefined);
  }

  /** Chooses the model of the next conversations, in every tab. */
  async choose(model: string): Promise<void> {
    await preferences.choose({ model });
  }

  /** What the first message takes along; the next conversation begins with nothing of it. */
  take(): ConversationSettings | undefined {
    const { settings, model } = this;
    this.settings = {};
    // A later preference is not for a conversation that has begun. While nobody knows what is offered, it is believed.
    const isOffered = model !== undefined && (offeredModels.items.length === 0 || offeredModels.has(model));
    const taken = { ...settings, ...(isOffered && { model }) };
    return Object.keys(taken).length > 0 ? taken : undefined;
  }
}

export const [useNewConversation, provideNewConversation] = createContext<NewConversation>();
