import { addArea } from './messages.svelte.ts';
import * as english from './paraglide/webhooks/messages/en.js';

/** The texts of the pages about webhooks, and the shared ones. */
export const { m, ready } = addArea(english, {
  de: () => import('./paraglide/webhooks/messages/de.js'),
  es: () => import('./paraglide/webhooks/messages/es.js'),
  fr: () => import('./paraglide/webhooks/messages/fr.js'),
});
