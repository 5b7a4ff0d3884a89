import type { Preferences } from '#protocol';

export type ThemeChoice = NonNullable<Preferences['theme']>;

const KEY = 'lockstep.theme';
const isChoice = (value: unknown): value is ThemeChoice => value === 'light' || value === 'dark' || value === 'system';

/** Light, dark or the system's theme. `static/theme.js` applies the same before the first paint. */
class Theme {
  choice = $state<ThemeChoice>('system');
  isDark = $state(false);
  readonly #system = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.#read();
    this.#system.addEventListener('change', () => this.#apply());
    addEventListener('storage', ({ key }) => key === KEY && this.#read());
  }

  set(choice: ThemeChoice): void {
    this.choice = choice;
    try {
      localStorage.setItem(KEY, choice);
    } catch (error) {
      console.debug('The theme cannot be stored: storage is blocked.', error);
    }
    this.#apply();
  }

  #read(): void {
    try {
      const stored: unknown = localStorage.getItem(KEY);
      this.choice = isChoice(stored) ? stored : 'system';
    } catch (error) {
      console.debug('The theme cannot be read: storage is blocked.', error);
    }
    this.#apply();
  }

  #apply(): void {
    this.isDark = this.choice === 'dark' || (this.choice === 'system' && this.#system.matches);
    document.documentElement.classList.toggle('dark', this.isDark);
    document
      .querySelector('meta[name="theme-color"]')
      ?.setAttribute('content', getComputedStyle(document.documentElement).getPropertyValue('--bg'));
  }
}

export const theme = new Theme();
