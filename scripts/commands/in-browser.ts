import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { runScript } from '../processes/tool.ts';
import { ensureBrowser } from '../testing/browser.ts';

interface Script {
  readonly path: string;
  readonly failure: string;
}

/** What looks at the built page in Chromium, by the command that runs it. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  film: { path: 'e2e/film.ts', failure: 'The film was not made; what went wrong stands above.' },
  lighthouse: { path: 'e2e/lighthouse.ts', failure: 'Lighthouse is not content; why stands above.' },
  screenshots: { path: 'e2e/screenshots.ts', failure: 'Not all pictures were taken; what went wrong stands above.' },
  'bench-page': { path: 'bench/page/main.ts', failure: 'The page was not measured; what went wrong stands above.' },
};

export default async function run(command: string): Promise<void> {
  const script = SCRIPTS[command];
  if (!script) throw new CommandFailed(`There is no script "${command}".`);
  await ensureBuilt(server, page);
  await ensureBrowser();
  const ended = await runScript(script.path, process.argv.slice(2), { show: 'live' });
  if (!ended.ok) throw new CommandFailed(script.failure);
}
