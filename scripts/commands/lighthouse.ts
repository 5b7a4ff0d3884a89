import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { runScript } from '../processes/tool.ts';
import { ensureBrowser } from '../testing/browser.ts';

await ensureBuilt(server, page);
await ensureBrowser();
const ended = await runScript('e2e/lighthouse.ts', [], { show: 'live' });
if (!ended.ok) throw new CommandFailed('Lighthouse is not content; why stands above.');
