import { statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compile } from '@inlang/paraglide-js';
import type { Plugin } from 'vite';
import { catalogues } from './paraglide.config.ts';
import { LANGUAGE_CODES } from './src/lib/language/languages.ts';

type Catalogue = (typeof catalogues)[number];

/** Everything the compiled modules of an area depend on. */
const inputsOf = ({ area }: Catalogue): readonly string[] =>
  [
    ...LANGUAGE_CODES.map((code) => `messages/${area}/${code}.json`),
    `messages/${area}.inlang/settings.json`,
    'paraglide.config.ts',
    '../node_modules/@inlang/paraglide-js/package.json',
  ].map((file) => resolve(import.meta.dirname, file));

/** Written after each compilation. */
const stampOf = ({ options }: Catalogue): string => resolve(options.outdir, '.compiled');

/**
 * Compiles the catalogues of all areas. Paraglide's own plugin knows one project for each process, and compiles it each
 * time Vite starts, which takes two seconds; in development, this compiles only what is newer than its output.
 */
export function compiledCatalogues(): Plugin {
  return {
    name: 'compiled-catalogues',
    async buildStart() {
      const stale = this.meta.watchMode ? catalogues.filter((catalogue) => !isUpToDate(catalogue)) : catalogues;
      await Promise.all(stale.map(compileCatalogue));
      for (const file of catalogues.flatMap(inputsOf)) this.addWatchFile(file);
    },
    async watchChange(file) {
      await Promise.all(
        catalogues
          .filter((catalogue) => inputsOf(catalogue).includes(file))
          .map((changed) => compileCatalogue(changed)),
      );
    },
  };
}

async function compileCatalogue(catalogue: Catalogue): Promise<void> {
  await compile(catalogue.options);
  writeFileSync(stampOf(catalogue), '');
}

function isUpToDate(catalogue: Catalogue): boolean {
  const compiledAt = statSync(stampOf(catalogue), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return inputsOf(catalogue).every((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < compiledAt);
}
