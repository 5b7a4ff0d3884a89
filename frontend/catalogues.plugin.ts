import { statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import type { Plugin } from 'vite';
import { catalogues } from './paraglide.config.ts';
import { LANGUAGE_CODES } from './src/lib/language/languages.ts';

/** Everything the compiled modules depend on. */
const INPUTS = [
  ...LANGUAGE_CODES.map((code) => `messages/${code}.json`),
  'project.inlang/settings.json',
  'paraglide.config.ts',
  '../node_modules/@inlang/paraglide-js/package.json',
].map((file) => resolve(import.meta.dirname, file));
/** Written after each compilation. */
const STAMP = resolve(catalogues.outdir, '.compiled');

/**
 * Paraglide's plugin compiles every catalogue each time Vite starts, which takes two seconds. In development this one
 * does so only when an input is newer than the last compilation.
 */
export function compiledCatalogues(): Plugin {
  const { buildStart, watchChange, ...paraglide } = paraglideVitePlugin(catalogues) as Plugin;
  if (typeof buildStart !== 'function' || typeof watchChange !== 'function') {
    throw new TypeError('The hooks of the Paraglide plugin are not functions.');
  }
  let hasCompiled = false;
  let options: Parameters<typeof buildStart>[0];
  return {
    ...paraglide,
    async buildStart(given) {
      options = given;
      if (this.meta.watchMode && isUpToDate()) {
        for (const file of INPUTS) this.addWatchFile(file);
        return;
      }
      await buildStart.call(this, options);
      hasCompiled = true;
      writeFileSync(STAMP, '');
    },
    async watchChange(file, change) {
      // Before its first compilation the plugin does not know which files it reads.
      if (hasCompiled) await watchChange.call(this, file, change);
      else if (INPUTS.includes(file)) {
        await buildStart.call(this, options);
        hasCompiled = true;
      } else return;
      if (INPUTS.includes(file)) writeFileSync(STAMP, '');
    },
  };
}

function isUpToDate(): boolean {
  const compiledAt = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return INPUTS.every((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < compiledAt);
}
