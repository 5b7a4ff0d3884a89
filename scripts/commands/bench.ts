import { globSync } from 'node:fs';
import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { runScript } from '../processes/tool.ts';

const wanted = process.argv.slice(2);
const benches = globSync('bench/*.bench.ts')
  .filter((path) => wanted.length === 0 || wanted.some((word) => path.includes(word)))
  .sort();
if (benches.length === 0) throw new CommandFailed('No bench/*.bench.ts fits; nothing was measured.');

await ensureBuilt(server, page);
// One after another: two at once would measure each other.
const failed: string[] = [];
for (const path of benches) {
  console.log(`\n${path}`);
  const ended = await runScript(path, [], { show: 'live' });
  if (!ended.ok) failed.push(path);
}
if (failed.length > 0) throw new CommandFailed(`Failed: ${failed.join(', ')}`);
