import { readFileSync, rmSync } from 'node:fs';
import { type Ended, runProgram, runScript, toolScript } from '../processes/tool.ts';
import { countJest, countPlaywright, NOTHING, type Report } from './counts.ts';

/** Where every suite leaves its report; also read by `.ci/run` through the command `test-counts`. */
export const REPORTS = 'test-results/reports';

/** Tests that run together in one process, and write one JSON report. */
export interface Suite {
  readonly name: string;
  /** Runs it with more arguments for the test runner; output goes to the terminal. */
  run(report: string, args: readonly string[]): Promise<Ended>;
  count(report: unknown): Report;
}

const jest = (project: string): Pick<Suite, 'run' | 'count'> => ({
  run: (report, args) =>
    runProgram(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        toolScript('jest'),
        '--selectProjects',
        project,
        '--json',
        `--outputFile=${report}`,
        ...args,
      ],
      { show: 'live' },
    ),
  count: countJest,
});

export const suites = {
  server: { name: 'server', ...jest('server') },
  services: { name: 'services', ...jest('services') },
  faults: { name: 'faults', ...jest('faults') },
  soak: { name: 'soak', ...jest('soak') },
  page: {
    name: 'page',
    run: (report, args) =>
      runScript(
        toolScript('vitest'),
        ['run', '--reporter=default', '--reporter=json', `--outputFile=../${report}`, ...args],
        {
          cwd: 'frontend',
          show: 'live',
        },
      ),
    count: countJest,
  },
  browser: {
    name: 'browser',
    run: (report, args) =>
      runScript(toolScript('@playwright/test', 'playwright'), ['test', ...args], {
        env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
        show: 'live',
      }),
    count: countPlaywright,
  },
} as const satisfies Record<string, Suite>;

/** Runs a suite and reads its report. A runner that dies without naming a failed test counts as one failed test. */
export async function runSuite(suite: Suite, args: readonly string[]): Promise<Report> {
  const report = `${REPORTS}/${suite.name}.json`;
  rmSync(report, { force: true });
  console.log(`\n# ${suite.name} tests`);
  const ended = await suite.run(report, args);
  const counts = readReport(suite, report);
  return ended.ok || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

function readReport(suite: Suite, path: string): Report {
  try {
    return suite.count(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    console.error(`The ${suite.name} tests left no readable report:`, error);
    return { ...NOTHING, failed: 1, secondTries: [], times: [] };
  }
}
