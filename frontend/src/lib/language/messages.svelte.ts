import { addCatalogue, languageInView, type Loaders, type Messages } from './catalogue.svelte.ts';
import { varietyOf } from './languages.ts';
import * as english from './paraglide/shared/messages/en.js';

/**
 * Every text that any page may show, named by what it is about: `m.composer_send()`. Calls in templates are updated when
 * the language changes; a string kept in a variable is not, so keep the call instead (`$derived`, or a function).
 */
export const [m] = addCatalogue(english, {
  de: () => import('./paraglide/shared/messages/de.js'),
  es: () => import('./paraglide/shared/messages/es.js'),
  fr: () => import('./paraglide/shared/messages/fr.js'),
});

export { languageInView } from './catalogue.svelte.ts';

/** The locale for `Intl`: the language in view in the user's regional variety. Reactive. */
export const localeInView = (): string => varietyOf(languageInView(), navigator.languages);

interface Area<Words extends object> {
  /** The messages of the area, and the shared ones. */
  readonly m: Messages<Words> & typeof m;
  /** Resolves when they can be drawn in the language in view; never rejects. */
  readonly ready: Promise<void>;
}

/** Adds the messages of an area, which load with its pages: their `load` waits until they are `ready`. */
export function addArea<Words extends object>(builtIn: Words, loaders: Loaders<Words>): Area<Words> {
  const [own, ready] = addCatalogue(builtIn, loaders);
  const both = new Proxy({} as Area<Words>['m'], {
    get: (_, key) => Reflect.get(own, key) ?? Reflect.get(m, key),
  });
  return { m: both, ready };
}
