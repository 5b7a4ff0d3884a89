import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { fingerprint } from '../scripts/build.ts';
import { page } from '../scripts/outputs.ts';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * The name of this build of the page: the version of the program and a hash of the sources. The same sources have the same
 * name, so that pages built on two machines do not take each other for an update.
 */
export function pageVersion(): string {
  const manifest = z.object({ version: z.string() });
  const { version } = manifest.parse(JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')));
  return `${version}-${fingerprint(page.inputs, ROOT).slice(0, 12)}`;
}
