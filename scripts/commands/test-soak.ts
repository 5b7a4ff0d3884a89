import { ensureBuilt } from '../build/ensure-built.ts';
import { server } from '../build/outputs.ts';
import { CommandFailed } from '../processes/command-failed.ts';
import { runSuites } from '../testing/run-suites.ts';
import { suites } from '../testing/suites.ts';

// `npm run test:soak -- 10` takes ten minutes for each database instead of thirty.
const [minutes = '30', ...args] = process.argv.slice(2);
if (!(Number(minutes) > 0)) throw new CommandFailed(`How many minutes? "${minutes}" is no number of them.`);
process.env['SOAK_MINUTES'] = minutes;

await ensureBuilt(server);
await runSuites([suites.soak], args);
