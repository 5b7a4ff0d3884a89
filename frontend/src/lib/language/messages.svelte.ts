import { type Language, varietyOf } from './languages.ts';
import * as english from './paraglide/messages/en.js';

type Words = typeof english;
type Inputs<Key extends keyof Words> = Parameters<Words[Key]>[0];

/** A function for each message, with the message's parameters, if it has any. */
type Messages = {
  readonly [Key in keyof Words]: keyof Inputs<Key> extends never
    ? () => string
    : (inputs: { readonly [Name in keyof Inputs<Key>]: string | number }) => string;
};

/** English is part of the page, so that there are always words; any other language is a file of its own. */
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
 * Every text of the page, by what it is about: `m.composer_send()`. Whatever draws one is drawn anew when the language
 * changes; a text that is kept in a variable stays as it was, so keep the call instead (`$derived`, or a function).
 */
export const m: Messages = new Proxy({} as Messages, {
  get: (_, key) => Reflect.get(catalogue.words, key) as unknown,
});

/** The language in view. Reactive, as `m` is. */
export const languageInView = (): Language => catalogue.language;

/** What `Intl` is to be given: the language in view, as it is spoken where the person is. Reactive. */
export const localeInView = (): string => varietyOf(catalogue.language, navigator.languages);

/** Shows the page in another language as soon as its words are here. Throws when they cannot be loaded. */
export async function showLanguage(language: Language): Promise<void> {
  wanted = language;
  const words = await LOADERS[language]();
  // Somebody who chooses fast gets what they chose last.
  if (wanted !== language) return;
  catalogue.words = words;
  catalogue.language = language;
}
