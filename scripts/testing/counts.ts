import { z } from 'zod';

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The titles of the tests, among those that passed, that needed a second try: they are to be mended. */
export interface Report extends Counts {
  readonly secondTries: readonly string[];
}

const count = z.int().nonnegative();
const jestReport = z.object({
  numPassedTests: count,
  numFailedTests: count,
  numPendingTests: count,
  numTodoTests: count,
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string().optional(), invocations: count.optional() }),
      ),
    }),
  ),
});
const playwrightSpec = z.object({ title: z.string(), tests: z.array(z.object({ status: z.string().optional() })) });
const playwrightSuite = z.object({
  specs: z.array(playwrightSpec).optional(),
  get suites() {
    return z.array(playwrightSuite).optional();
  },
});
const playwrightReport = z.object({
  stats: z.object({ expected: count, unexpected: count, flaky: count, skipped: count }),
  errors: z.array(z.unknown()),
  suites: z.array(playwrightSuite).optional(),
});

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * Reads the JSON report of Jest, or of Vitest, which took over its form. A file that failed although none of its tests
 * did, because it does not load or does not tidy up, counts as one failed test.
 */
export function countJest(report: unknown): Report {
  const jest = jestReport.parse(report);
  const brokenFiles = jest.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: jest.numPassedTests,
    failed: jest.numFailedTests + brokenFiles.length,
    skipped: jest.numPendingTests + jest.numTodoTests,
    secondTries: jest.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status, invocations }) => status === 'passed' && (invocations ?? 1) > 1)
      .map(({ fullName }) => fullName ?? 'a test without a name'),
  };
}

/** Reads the JSON report of Playwright. An error outside of any test counts as a failed one. */
export function countPlaywright(report: unknown): Report {
  const { stats, errors, suites } = playwrightReport.parse(report);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    secondTries: (suites ?? []).flatMap(flakyTitles),
  };
}

const flakyTitles = ({ specs, suites }: z.infer<typeof playwrightSuite>): string[] => [
  ...(specs ?? []).filter(({ tests }) => tests.some(({ status }) => status === 'flaky')).map(({ title }) => title),
  ...(suites ?? []).flatMap(flakyTitles),
];

/** Sums several counts up. */
export function total(all: readonly Counts[]): Counts {
  return all.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    NOTHING,
  );
}

/** Which suites a step of `.ci/run` consists of. */
const suitesOfStep: Readonly<Record<string, readonly string[]>> = {
  test: ['server', 'page', 'browser'],
  'test:services': ['services'],
};

/**
 * Sums up a whole run. A failed step counts as one failed test, unless one of its own tests has failed:
 * a check that is red, or a build that stops the tests from starting, must not look like a success.
 */
export function sumOfRun(suites: ReadonlyMap<string, Counts>, failedSteps: readonly string[]): Counts {
  const unexplained = failedSteps.filter(
    (step) => !suitesOfStep[step]?.some((suite) => (suites.get(suite)?.failed ?? 0) > 0),
  );
  return total([...suites.values(), { ...NOTHING, failed: unexplained.length }]);
}

/** The one line that a run of tests ends with. */
export const line = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
