import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { ensureBuilt } from '../scripts/build.ts';
import { page } from '../scripts/outputs.ts';

/* Says what the page loads first, and fails when that is too much: `npm run check -- first`. */

const MAX_KB = 150;
const JUDGED = ['/login', '/(app)/chat/[[id]]'];

const CLIENT = 'frontend/.svelte-kit/output/client';
/** Written by SvelteKit: which nodes (pages and layouts) make which route. */
const ROUTES = 'frontend/.svelte-kit/generated/build/client-optimized/app.js';
const NODES = '.svelte-kit/generated/build/client-optimized/nodes';
/** The outermost layout and the error page come with every route. */
const EVERYWHERE = [0, 1];

const manifestSchema = z.record(
  z.string(),
  z.object({ file: z.string(), imports: z.array(z.string()).default([]), isEntry: z.boolean().default(false) }),
);

/** A route and the script that has to arrive before it can be drawn. */
interface FirstLoad {
  readonly route: string;
  readonly files: number;
  readonly gzippedBytes: number;
}

/** What each of these routes loads first, of the page as it was built last. */
function firstLoads(routes: readonly string[]): FirstLoad[] {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(CLIENT, '.vite/manifest.json'), 'utf8')));
  const entries = Object.keys(manifest).filter((key) => manifest[key]?.isEntry && !key.startsWith(NODES));
  const written = readFileSync(ROUTES, 'utf8');
  return routes.map((route) => {
    const nodes = [...EVERYWHERE, ...nodesOf(route, written)].map((node) => `${NODES}/${node}.js`);
    const files = new Set<string>();
    const visit = (key: string): void => {
      const chunk = manifest[key];
      if (!chunk) throw new Error(`The build does not know ${key}.`);
      if (files.has(chunk.file)) return;
      files.add(chunk.file);
      for (const imported of chunk.imports) visit(imported);
    };
    for (const key of [...entries, ...nodes]) visit(key);
    const sizes = [...files].map((file) => gzipSync(readFileSync(join(CLIENT, file)), { level: 9 }).length);
    return { route, files: files.size, gzippedBytes: sizes.reduce((sum, size) => sum + size, 0) };
  });
}

/** Its own node, and those of the layouts around it: `"/route": [9,[2]]`. */
function nodesOf(route: string, written: string): number[] {
  const at = written.indexOf(`"${route}": [`);
  const line = at < 0 ? undefined : written.slice(at + route.length + 3, written.indexOf('\n', at));
  const nodes = line?.match(/\d+/g)?.map(Number) ?? [];
  if (nodes.length === 0) throw new Error(`SvelteKit has built no route ${route}.`);
  return nodes;
}

await ensureBuilt(page);
for (const { route, files, gzippedBytes } of firstLoads(JUDGED)) {
  const kb = gzippedBytes / 1_000;
  console.log(`${route}: ${kb.toFixed(1)} KB of script in ${files} files, gzipped (at most ${MAX_KB} KB)`);
  if (kb > MAX_KB) process.exitCode = 1;
}
