import { ensureBuilt } from '../build/ensure-built.ts';
import { server } from '../build/outputs.ts';
import { runSuites } from '../testing/run-suites.ts';
import { suites } from '../testing/suites.ts';

// `npm run test:faults -- 'kill -9'` runs the faults whose names hold these words; `list` names them all.
const [words, ...args] = process.argv.slice(2);
if (words === 'list') {
  process.env['FAULT_LIST'] = 'yes';
  args.unshift('catalogue.fault-spec');
} else {
  process.env['FAULT_ROUNDS'] ??= 'many';
  if (words !== undefined) process.env['FAULT_ONLY'] = words;
  await ensureBuilt(server);
}

await runSuites([suites.faults], args);
