import { ready } from '#lib/language/admin-messages.svelte.ts';
import type { LayoutLoad } from './$types';

/** Nothing is drawn before its texts are loaded. */
export const load: LayoutLoad = () => ready;
