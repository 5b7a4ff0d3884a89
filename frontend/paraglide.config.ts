import { resolve } from 'node:path';
import type { CompilerOptions } from '@inlang/paraglide-js';

/**
 * How the message catalogues become modules. One module for each language, so that the page loads the one it shows and
 * not all four; which one that is decides `lib/language`, and none of Paraglide's own strategies.
 */
export const catalogues = {
  project: resolve(import.meta.dirname, 'project.inlang'),
  outdir: resolve(import.meta.dirname, 'src/lib/language/paraglide'),
  outputStructure: 'locale-modules',
  strategy: ['baseLocale'],
  emitReadme: false,
} satisfies CompilerOptions;
