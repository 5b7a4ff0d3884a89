import type { Language } from './languages.ts';

/** The compiled messages of an area in one language: a function for each message. */
type Inputs<Message> = Message extends (inputs: infer Given, ...options: never[]) => unknown ? Given : never;

/** A function for each message; it takes the parameters of the message, if any. */
export type Messages<Words> = {
  readonly [Key in keyof Words]: keyof Inputs<Words[Key]> extends never
    ? () => string
    : (inputs: { readonly [Name in keyof Inputs<Words[Key]>]: string | number }) => string;
};

type OtherLanguage = Exclude<Language, 'en'>;

/** English is built in, so that texts are always available; each other language is loaded on demand. */
export type Loaders<Words> = Readonly<Record<OtherLanguage, () => Promise<Words>>>;

/** The messages of one area, in the language in view. */
class Catalogue<Words extends object> {
  readonly #english: Words;
  readonly #loaders: Loaders<Words>;
  words = $state.raw<object>({});

  constructor(english: Words, loaders: Loaders<Words>) {
    this.#english = english;
    this.#loaders = loaders;
    this.words = english;
  }

  /** Loads a language; the result shows it. */
  async load(language: Language): Promise<() => void> {
    const words = language === 'en' ? this.#english : await this.#loaders[language]();
    return () => (this.words = words);
  }
}

class View {
  language = $state.raw<Language>('en');
}

const view = new View();
const catalogues: Pick<Catalogue<object>, 'load'>[] = [];
let wanted: Language = 'en';

/** The language in view. Reactive. */
export const languageInView = (): Language => view.language;

/** Switches the language of all areas as soon as their texts are loaded. Throws when they cannot be loaded. */
export async function showLanguage(language: Language): Promise<void> {
  wanted = language;
  const loaded = await Promise.all(catalogues.map((catalogue) => catalogue.load(language)));
  // Of several fast choices the last one wins.
  if (wanted !== language) return;
  for (const show of loaded) show();
  view.language = language;
}

/**
 * Adds the messages of an area that loads with its pages.
 * @returns its messages, and when they can be drawn in the language in view; without a connection, they stay in English
 */
export function addCatalogue<Words extends object>(
  english: Words,
  loaders: Loaders<Words>,
): [Messages<Words>, Promise<void>] {
  const catalogue = new Catalogue(english, loaders);
  catalogues.push(catalogue);
  const messages = new Proxy({} as Messages<Words>, {
    get: (_, key) => Reflect.get(catalogue.words, key) as unknown,
  });
  return [messages, showWanted(catalogue)];
}

async function showWanted(catalogue: Pick<Catalogue<object>, 'load'>): Promise<void> {
  const language = wanted;
  if (language === 'en') return;
  try {
    const show = await catalogue.load(language);
    if (wanted === language) show();
  } catch (error) {
    console.warn('The texts of this page cannot be loaded in your language', error);
  }
}
