import { type Language, varietyOf } from './languages.ts';
import * as english from './paraglide/messages/en.js';

type Words = typeof english;
type Inputs<Key extends keyof Words> = Parameters<Words[Key]>[0];

/** A function for each message; it takes the parameters of the message, if any. */
type Messages = {
  readonly [Key in keyof Words]: keyof Inputs<Key> extends never
    ? () => string
    : (inputs: { readonly [Name in keyof Inputs<Key>]: string | number }) => string;
};

/** English is built in, so that texts are always available; each other language is loaded on demand. */
const LOADERS: Readonly<Record<Language, () => Words | Promise<Words>>> = {
  en: () => english,
  de: () => import('./paraglide/messages/de.js'),
  es: () => import('./paraglide/messages/es.js'),
  fr: () => import('./paraglide/messages/fr.js'),
};

class Catalogue {
  language = $state.raw<Language>('en');
  words = $state.raw<Words>(english);
}

const catalogue = new Catalogue();
let wanted: Language = 'en';

/**
 * Every text of the page, named by what it is about: `m.composer_send()`. Calls in templates are updated when the
 * language changes; a string kept in a variable is not, so keep the call instead (`$derived`, or a function).
 */
export const m: Messages = new Proxy({} as Messages, {
  get: (_, key) => Reflect.get(catalogue.words, key) as unknown,
});

/** The language in view. Reactive, as `m` is. */
export const languageInView = (): Language => catalogue.language;

/** The locale for `Intl`: the language in view in the user's regional variety. Reactive. */
export const localeInView = (): string => varietyOf(catalogue.language, navigator.languages);

/** Switches the language as soon as its texts are loaded. Throws when they cannot be loaded. */
export async function showLanguage(language: Language): Promise<void> {
  wanted = language;
  const words = await LOADERS[language]();
  // Of several fast choices the last one wins.
  if (wanted !== language) return;
  catalogue.words = words;
  catalogue.language = language;
}
