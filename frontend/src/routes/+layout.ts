import { language } from '#lib/language/language.svelte.ts';
import type { LayoutLoad } from './$types';

// The page is served as static files and drawn in the browser alone.
export const ssr = false;

/** Nothing is drawn before the words are here: a page that changes its language under the reader's eyes looks broken. */
export const load: LayoutLoad = () => language.ready;
