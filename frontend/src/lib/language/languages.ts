interface LanguageFacts {
  /** The language's own name. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
}

/** The languages of the page; each has a catalogue in `frontend/messages`. */
export const LANGUAGES = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  fr: { name: 'Français', direction: 'ltr' },
} as const satisfies Record<string, LanguageFacts>;

export type Language = keyof typeof LANGUAGES;

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as readonly Language[];

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(LANGUAGES, value);

const baseOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? '';

/** The first of the user's languages that the page offers (`de-AT` matches German), or English. */
export const bestLanguage = (tags: readonly string[]): Language => tags.map(baseOf).find(isLanguage) ?? 'en';

/** The user's regional variety of a language, such as `en-GB`, for dates and numbers; or the language itself. */
export const varietyOf = (language: Language, tags: readonly string[]): string =>
  tags.find((tag) => baseOf(tag) === language) ?? language;
