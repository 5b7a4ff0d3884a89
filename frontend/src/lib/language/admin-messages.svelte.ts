import { addArea } from './messages.svelte.ts';
import * as english from './paraglide/admin/messages/en.js';

/** The texts of the pages for admins, and the shared ones. */
export const { m, ready } = addArea(english, {
  de: () => import('./paraglide/admin/messages/de.js'),
  es: () => import('./paraglide/admin/messages/es.js'),
  fr: () => import('./paraglide/admin/messages/fr.js'),
});
