import { createContext } from 'svelte';
import { UndoOffers } from '../dialogs/undo.ts';

const COLLAPSED_KEY = 'lockstep.sidebar';

/** Actions on the open conversation, provided by the component that shows it. */
export interface ConversationCommands {
  readonly find: () => void;
  readonly toFirst: () => void;
  readonly print: () => void;
  readonly rename: () => void;
}

/** State of the frame around every page of a signed-in user. */
export class Shell {
  /** The sidebar as a drawer, on a narrow screen. */
  isDrawerOpen = $state(false);
  isCollapsed = $state(false);
  isPaletteOpen = $state(false);
  areKeysShown = $state(false);
  /** Actions on the open conversation; `undefined` if none is open. */
  conversation = $state.raw<ConversationCommands>();
  readonly undo = new UndoOffers();

  constructor() {
    try {
      this.isCollapsed = localStorage.getItem(COLLAPSED_KEY) === 'collapsed';
    } catch (error) {
      console.debug('The state of the sidebar cannot be stored: storage is blocked.', error);
    }
  }

  /** Opens or closes the sidebar or the drawer, depending on the screen. */
  toggleSidebar(): void {
    if (matchMedia('(width < 48rem)').matches) {
      this.isDrawerOpen = !this.isDrawerOpen;
      return;
    }
    this.isCollapsed = !this.isCollapsed;
    try {
      localStorage.setItem(COLLAPSED_KEY, this.isCollapsed ? 'collapsed' : 'open');
    } catch (error) {
      console.debug('The state of the sidebar cannot be stored: storage is blocked.', error);
    }
  }
}

export const [useShell, provideShell] = createContext<Shell>();
