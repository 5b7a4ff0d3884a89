import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';

/** Where every suite leaves its report and its counts. */
export const REPORTS = 'test-results/reports';

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A test and how long it took, all of its tries together. */
export interface Timed {
  readonly title: string;
  readonly seconds: number;
}

export interface Report extends Counts {
  /** The titles of the tests, among those that passed, that needed a second try: they are to be mended. */
  readonly secondTries: readonly string[];
  readonly times: readonly Timed[];
}

/** More second tries than this in one run are a failure: a test that fails now and then hides what it is there for. */
export const MOST_SECOND_TRIES = 2;

const count = z.int().nonnegative();
const countsSchema = z.object({ passed: count, failed: count, skipped: count });
const jestReport = z.object({
  numPassedTests: count,
  numFailedTests: count,
  numPendingTests: count,
  numTodoTests: count,
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string().optional(),
          invocations: count.optional(),
          duration: z.number().nullish(),
        }),
      ),
    }),
  ),
});
const playwrightTest = z.object({
  status: z.string().optional(),
  results: z.array(z.object({ duration: z.number() })).optional(),
});
const playwrightSpec = z.object({ title: z.string(), tests: z.array(playwrightTest) });
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

const NAMELESS = 'a test without a name';

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
  const tests = jest.testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: jest.numPassedTests,
    failed: jest.numFailedTests + brokenFiles.length,
    skipped: jest.numPendingTests + jest.numTodoTests,
    secondTries: tests
      .filter(({ status, invocations }) => status === 'passed' && (invocations ?? 1) > 1)
      .map(({ fullName }) => fullName ?? NAMELESS),
    times: tests.map(({ fullName, duration }) => ({ title: fullName ?? NAMELESS, seconds: (duration ?? 0) / 1_000 })),
  };
}

/** Reads the JSON report of Playwright. An error outside of any test counts as a failed one. */
export function countPlaywright(report: unknown): Report {
  const { stats, errors, suites = [] } = playwrightReport.parse(report);
  const specs = suites.flatMap(specsOf);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    secondTries: specs.filter(({ tests }) => tests.some(({ status }) => status === 'flaky')).map(({ title }) => title),
    times: specs.map(({ title, tests }) => {
      const durations = tests.flatMap(({ results = [] }) => results.map(({ duration }) => duration));
      return { title, seconds: durations.reduce((sum, ms) => sum + ms, 0) / 1_000 };
    }),
  };
}

const specsOf = ({ specs = [], suites = [] }: z.infer<typeof playwrightSuite>): z.infer<typeof playwrightSpec>[] => [
  ...specs,
  ...suites.flatMap(specsOf),
];

/** The tests that took longest, the longest first. */
export const slowest = (times: readonly Timed[], most: number): Timed[] =>
  times.toSorted((a, b) => b.seconds - a.seconds).slice(0, most);

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

/** Sums up what the suites have left, for `.ci/run`. The arguments are the names of its steps that failed. */
export default function testCounts(): void {
  const suites = globSync(`${REPORTS}/*.counts.json`).map(
    (path) => [basename(path, '.counts.json'), countsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))] as const,
  );
  const sum = sumOfRun(new Map(suites), process.argv.slice(2));
  console.log(line(sum));
  if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;
}
