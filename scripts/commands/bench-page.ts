import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { runScript } from '../processes/tool.ts';
import { ensureBrowser } from '../testing/browser.ts';

await ensureBuilt(server, page);
await ensureBrowser();
const ended = await runScript('bench/page/main.ts', process.argv.slice(2), { show: 'live' });
if (!ended.ok) throw new CommandFailed('The page was not measured; what went wrong stands above.');
