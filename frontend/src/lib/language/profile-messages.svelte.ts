import { addArea } from './messages.svelte.ts';
import * as english from './paraglide/profile/messages/en.js';

/** The texts of the profile page, and the shared ones. */
export const { m, ready } = addArea(english, {
  de: () => import('./paraglide/profile/messages/de.js'),
  es: () => import('./paraglide/profile/messages/es.js'),
  fr: () => import('./paraglide/profile/messages/fr.js'),
});
