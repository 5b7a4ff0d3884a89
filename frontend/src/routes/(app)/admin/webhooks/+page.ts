import { ready } from '#lib/language/webhooks-messages.svelte.ts';
import type { PageLoad } from './$types';

/** Nothing is drawn before its texts are loaded. */
export const load: PageLoad = () => ready;
