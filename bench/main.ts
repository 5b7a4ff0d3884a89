import { globSync } from 'node:fs';
import { ensureBuilt } from '../scripts/build.ts';
import { page, server } from '../scripts/outputs.ts';
import { CommandFailed, runScript } from '../scripts/programs.ts';

/** What runs when nothing is named: the table by which a change is judged. The others answer questions of their own. */
const DEFAULT = ['speed'];

// Words choose benches; from the first option on everything is theirs.
const given = process.argv.slice(2);
const firstOption = given.findIndex((argument) => argument.startsWith('--'));
const words = firstOption === -1 ? given : given.slice(0, firstOption);
const options = firstOption === -1 ? [] : given.slice(firstOption);
const wanted = words.length === 0 ? DEFAULT : words;
const benches = globSync('bench/*.bench.ts')
  .filter((path) => wanted.some((word) => path.includes(word)))
  .sort();
if (benches.length === 0) throw new CommandFailed('No bench/*.bench.ts fits; nothing was measured.');

await ensureBuilt(server, page);
// One after another: two at once would measure each other.
const failed: string[] = [];
for (const path of benches) {
  console.log(`\n${path}`);
  const ended = await runScript(path, options, { show: 'live' });
  if (!ended.ok) failed.push(path);
}
if (failed.length > 0) throw new CommandFailed(`Failed: ${failed.join(', ')}`);
