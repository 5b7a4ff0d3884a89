import { compile } from '@inlang/paraglide-js';
import { catalogues } from '../frontend/paraglide.config.ts';
import { CommandFailed, type Ended, runJest, runScript, toolScript } from './programs.ts';

interface Check {
  readonly name: string;
  /** Whether its output is shown also when it succeeds. */
  readonly isVerbose?: boolean;
  run(): Promise<Ended>;
}

const types = (project: string) => () =>
  runScript(toolScript('@typescript/native', 'tsc'), ['-p', project, '--noEmit']);

/** Slow checks first, so that both workers end at about the same time. */
const checks: Check[] = [
  {
    name: 'types of the page',
    run: () => runScript(toolScript('svelte-check'), ['--tsgo', '--fail-on-warnings'], { cwd: 'frontend' }),
  },
  {
    name: 'lint',
    run: () => runScript(toolScript('oxlint'), ['--deny-warnings', '--report-unused-disable-directives']),
  },
  { name: 'format', run: () => runScript(toolScript('prettier'), ['--check', '--log-level=warn', '.']) },
  { name: 'types of the server', run: types('backend/tsconfig.json') },
  { name: 'types of the service worker', run: types('frontend/src/service-worker/tsconfig.json') },
  { name: 'types of the tooling', run: types('tsconfig.json') },
  { name: 'types of the examples', run: types('docs/examples/tsconfig.json') },
  {
    name: 'layers',
    run: () =>
      runScript(toolScript('dependency-cruiser', 'depcruise'), [
        'backend',
        'frontend/src',
        'scripts',
        'e2e',
        'bench',
        'release',
      ]),
  },
  {
    // The same as `npm test -- server 'test/(layers|ways|documents)'`: statements about folders in the documents are checked.
    name: 'structure',
    run: () =>
      runJest('server', ['--testPathPatterns', 'backend/test/(layers|ways|documents)[.]spec', '--maxWorkers=1']),
  },
  {
    name: 'unused code',
    run: () => runScript(toolScript('knip'), ['--no-progress', '--no-config-hints']),
  },
  { name: 'contract', run: () => runScript('backend/lint-contract.ts', []) },
  { name: 'first load of the page', isVerbose: true, run: () => runScript('frontend/first-load.ts', []) },
];

const wanted = process.argv.slice(2);
const queue = checks.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
const failures: string[] = [];

async function work(): Promise<void> {
  for (let check = queue.shift(); check; check = queue.shift()) {
    const ended = await check.run();
    console.log(`${ended.ok ? 'ok    ' : 'FAILED'} ${check.name} (${ended.seconds.toFixed(1)} s)`);
    if (ended.ok && check.isVerbose) console.log(ended.output.trim().replace(/^/gm, '       '));
    if (!ended.ok) failures.push(`\n# ${check.name}\n\n${ended.output.trim()}`);
  }
}

// The message catalogues are compiled to modules with types.
await Promise.all(catalogues.map(({ options }) => compile(options)));
// SvelteKit generates the types of routes and `$app`; the linter needs them as well.
const synced = await runScript(toolScript('@sveltejs/kit', 'svelte-kit'), ['sync'], { cwd: 'frontend' });
if (!synced.ok) throw new CommandFailed(synced.output);
await Promise.all([work(), work()]);
if (failures.length > 0) throw new CommandFailed(failures.join('\n'));
