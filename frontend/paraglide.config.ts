import { resolve } from 'node:path';
import type { CompilerOptions } from '@inlang/paraglide-js';

/**
 * The parts of the page with messages of their own, which load with their pages; `shared` loads with every page.
 * Each is a folder of catalogues in `messages/`, and has a module in `lib/language`.
 */
export const AREAS = ['shared', 'admin', 'profile', 'sign-in', 'webhooks'] as const;

/**
 * How the catalogues of an area become modules. One module for each language, so that the page loads the one it shows
 * and not all four; which one that is decides `lib/language`, and none of Paraglide's own strategies.
 */
export const catalogues = AREAS.map((area) => ({
  area,
  options: {
    project: resolve(import.meta.dirname, `messages/${area}.inlang`),
    outdir: resolve(import.meta.dirname, `src/lib/language/paraglide/${area}`),
    outputStructure: 'locale-modules',
    strategy: ['baseLocale'],
    emitReadme: false,
    // The compiled modules are in use while they are written again.
    cleanOutdir: false,
  } satisfies CompilerOptions,
}));
