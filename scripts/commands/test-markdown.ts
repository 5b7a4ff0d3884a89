import { runSuites } from '../testing/run-suites.ts';
import { suites } from '../testing/suites.ts';

// `npm run test:markdown` compares what the page draws with every example of CommonMark and GFM. `npm test` does too.
await runSuites([suites.page], ['src/lib/markdown/examples', ...process.argv.slice(2)]);
