import { language } from '#lib/language/language.svelte.ts';
import type { LayoutLoad } from './$types';

// The page is served as static files and rendered in the browser only.
export const ssr = false;

/** Nothing is drawn before the language is loaded: switching it after the first paint would look broken. */
export const load: LayoutLoad = () => language.ready;
