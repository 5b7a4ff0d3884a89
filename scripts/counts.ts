import { globSync, readFileSync, rmSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { z } from 'zod';

/** The folder for the reports and counts of all suites. */
export const REPORTS = 'test-results/reports';

/** The number of tests by result. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A test and the duration of all its attempts together. */
export interface Timed {
  readonly title: string;
  readonly seconds: number;
}

export interface Report extends Counts {
  /** The titles of failed tests; of a file that failed without one, its path. */
  readonly failures: readonly string[];
  /** The titles of passed tests that needed a second attempt. */
  readonly secondTries: readonly string[];
  readonly times: readonly Timed[];
}

/** A run with more second attempts fails, because an unreliable test can hide real failures. */
export const MOST_SECOND_TRIES = 2;

const count = z.int().nonnegative();
const countsSchema = z.object({ passed: count, failed: count, skipped: count });
const titleList = z.array(z.string()).readonly();
const suiteSchema = countsSchema.extend({ failures: titleList, secondTries: titleList });
/** What `.ci/run` reads of each suite at its end. */
export type SuiteCounts = z.infer<typeof suiteSchema>;
const jestReport = z.object({
  numPassedTests: count,
  numFailedTests: count,
  numPendingTests: count,
  numTodoTests: count,
  testResults: z.array(
    z.object({
      name: z.string().optional(),
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
 * Reads the JSON report of Jest, or of Vitest, which has the same format. A file that failed without a failed test,
 * because it could not be loaded or cleaned up, counts as one failed test.
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
    failures: [
      ...tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName ?? NAMELESS),
      ...brokenFiles.map(({ name }) => (name === undefined ? NAMELESS : relative('.', name))),
    ],
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
  const titlesOf = (result: string): string[] =>
    specs.filter(({ tests }) => tests.some(({ status }) => status === result)).map(({ title }) => title);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    failures: [...titlesOf('unexpected'), ...errors.map(() => 'an error outside of the tests')],
    secondTries: titlesOf('flaky'),
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

/** The slowest tests, slowest first. */
export const slowest = (times: readonly Timed[], most: number): Timed[] =>
  times.toSorted((a, b) => b.seconds - a.seconds).slice(0, most);

/** Adds up counts. */
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

/** The suites of each step of `.ci/run`. */
const suitesOfStep: Readonly<Record<string, readonly string[]>> = {
  test: ['server', 'page', 'browser'],
  'test:services': ['services'],
};

/**
 * Adds up a whole run. A failed step counts as one failed test, unless one of its tests has failed: a failed check, or a
 * failed build that prevents the tests, must not look like a success.
 */
export function sumOfRun(suites: ReadonlyMap<string, Counts>, failedSteps: readonly string[]): Counts {
  const unexplained = failedSteps.filter(
    (step) => !suitesOfStep[step]?.some((suite) => (suites.get(suite)?.failed ?? 0) > 0),
  );
  return total([...suites.values(), { ...NOTHING, failed: unexplained.length }]);
}

/** Where each family of attacks writes its counts (`backend/test/attacks/support/family.ts`). */
const ATTACKS = 'test-results/attacks';
const attackCounts = z.object({ probes: count, failures: count });

/** Forgets the counts of an earlier run. */
export const forgetAttacks = (): void => rmSync(ATTACKS, { recursive: true, force: true });

/** The sum of all families of attacks that have run: `attacks: 10 families, 1834 probes, 0 failures`, if any has. */
export function attackLine(): string | undefined {
  const families = globSync(`${ATTACKS}/*.json`).map((path) =>
    attackCounts.parse(JSON.parse(readFileSync(path, 'utf8'))),
  );
  if (families.length === 0) return undefined;
  const sum = (of: (family: z.infer<typeof attackCounts>) => number): number =>
    families.reduce((all, family) => all + of(family), 0);
  return `attacks: ${families.length} families, ${sum(({ probes }) => probes)} probes, ${sum(({ failures }) => failures)} failures`;
}

/** The last line of a test run. */
export const line = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** What a reader of a long output looks for first, as lines: failed tests, second attempts, and failed steps. */
export function troubles(
  suites: ReadonlyMap<string, Pick<SuiteCounts, 'failures' | 'secondTries'>>,
  failedSteps: readonly string[] = [],
): readonly string[] {
  const listed = (heading: string, of: (suite: Pick<SuiteCounts, 'failures' | 'secondTries'>) => readonly string[]) => {
    const titles = [...suites].flatMap(([name, suite]) => of(suite).map((title) => `  ${name}: ${title}`));
    return titles.length === 0 ? [] : [heading, ...titles];
  };
  return [
    ...listed('Failed:', ({ failures }) => failures),
    ...listed('Passed only at the second attempt:', ({ secondTries }) => secondTries),
    ...(failedSteps.length === 0 ? [] : [`Failed steps: ${failedSteps.join(', ')}`]),
  ];
}

/** Adds up the counts of all suites, for `.ci/run`. The arguments are the names of its failed steps. */
export default function testCounts(): void {
  const failedSteps = process.argv.slice(2);
  const suites = new Map(
    globSync(`${REPORTS}/*.counts.json`).map((path) => [
      basename(path, '.counts.json'),
      suiteSchema.parse(JSON.parse(readFileSync(path, 'utf8'))),
    ]),
  );
  const sum = sumOfRun(suites, failedSteps);
  for (const trouble of troubles(suites, failedSteps)) console.log(trouble);
  console.log(line(sum));
  if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;
}
