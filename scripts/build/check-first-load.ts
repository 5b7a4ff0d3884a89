/** Says what the page loads first, and fails when that is too much: `npm run check -- first`. */
import { ensureBuilt } from './ensure-built.ts';
import { firstLoads } from './first-load.ts';
import { page } from './outputs.ts';

const MAX_KB = 150;
const ROUTES = ['/login', '/(app)/chat/[[id]]'];

await ensureBuilt(page);
for (const { route, files, gzippedBytes } of firstLoads(ROUTES)) {
  const kb = gzippedBytes / 1_000;
  console.log(`${route}: ${kb.toFixed(1)} KB of script in ${files} files, gzipped (at most ${MAX_KB} KB)`);
  if (kb > MAX_KB) process.exitCode = 1;
}
