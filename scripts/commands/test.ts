import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';
import { ensureBrowser } from '../testing/browser.ts';
import { runSuites } from '../testing/run-suites.ts';
import { suites } from '../testing/suites.ts';

// `npm test -- browser -g sign` runs one suite, and hands the rest to its runner.
const [name, ...args] = process.argv.slice(2);
const one = Object.values(suites).find((suite) => suite.name === name);
const chosen = one ? [one] : [suites.server, suites.page, suites.browser];

if (chosen.includes(suites.browser)) await ensureBrowser();
await ensureBuilt(server, page);
await runSuites(chosen, args);
