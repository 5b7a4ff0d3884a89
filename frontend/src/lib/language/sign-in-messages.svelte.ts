import { addArea } from './messages.svelte.ts';
import * as english from './paraglide/sign-in/messages/en.js';

/** The texts of the pages for signing in, and the shared ones. */
export const { m, ready } = addArea(english, {
  de: () => import('./paraglide/sign-in/messages/de.js'),
  es: () => import('./paraglide/sign-in/messages/es.js'),
  fr: () => import('./paraglide/sign-in/messages/fr.js'),
});
