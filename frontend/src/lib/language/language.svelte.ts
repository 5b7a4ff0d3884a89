import { bestLanguage, isLanguage, type Language, LANGUAGES } from './languages.ts';
import { showLanguage } from './catalogue.svelte.ts';

/** `system` follows the browser. */
export type LanguageChoice = Language | 'system';

const KEY = 'lockstep.language';
/** A newer version of the page may have stored a language that this one does not offer: use the browser's then. */
export const languageChoice = (value: unknown): LanguageChoice => (isLanguage(value) ? value : 'system');

/** The language of the page, and the preference it comes from. */
class LanguageSetting {
  choice = $state<LanguageChoice>('system');
  #ready: Promise<void>;

  constructor() {
    this.#ready = this.#read();
    addEventListener('languagechange', () => void this.#apply());
    addEventListener('storage', ({ key }) => key === KEY && void this.#read());
  }

  /** Resolves when the page can be drawn in the preferred language; never rejects. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  set(choice: LanguageChoice): void {
    this.choice = choice;
    try {
      localStorage.setItem(KEY, choice);
    } catch (error) {
      console.debug('The language cannot be stored: storage is blocked.', error);
    }
    this.#ready = this.#apply();
  }

  #read(): Promise<void> {
    try {
      this.choice = languageChoice(localStorage.getItem(KEY));
    } catch (error) {
      console.debug('The language cannot be read: storage is blocked.', error);
    }
    return this.#apply();
  }

  async #apply(): Promise<void> {
    const language = this.choice === 'system' ? bestLanguage(navigator.languages) : this.choice;
    try {
      await showLanguage(language);
    } catch (error) {
      // Without a connection the page keeps its language.
      console.warn(`The texts in ${LANGUAGES[language].name} cannot be loaded`, error);
    }
  }
}

export const language = new LanguageSetting();
