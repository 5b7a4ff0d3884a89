import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { printTable } from '../faults/plan.js';
import { Random } from '../faults/stage/random.js';
import { type Patch, ServerBuild } from '../faults/stage/server-build.js';
import { Installation } from './installation.js';
import { HELD, heapOf, isBack, mostOf, Probe, type Probed } from './probe.js';
import { type Slope, slopeOf } from './slope.js';
import { Soak, type SoakReport } from './soak.js';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 30);
const SEED = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000);
const OPTIONS = {
  people: 30,
  minutes: MINUTES,
  shiftMs: Math.min(60_000, Math.max(20_000, MINUTES * 2_000)),
  harmEveryMs: 10_000,
  warmUp: 0.4,
};

/** Data that is kept for ten minutes is kept for one: growth must show within the duration of the test. */
const SHORT_MEMORY: readonly Patch[] = [
  { file: 'src/streams/compaction/compactor.service.js', find: 'EVERY_MS = 60_000', replace: 'EVERY_MS = 10_000' },
  { file: 'src/streams/compaction/compactor.service.js', find: 'KEEP_MS = 10 * 60_000', replace: 'KEEP_MS = 60_000' },
  { file: 'src/streams/journal/live-deltas.js', find: 'KEEP_MS = 10 * 60_000', replace: 'KEEP_MS = 60_000' },
  { file: 'src/streams/journal/journal-tables.js', find: 'KEEP_MS = 10 * 60_000', replace: 'KEEP_MS = 60_000' },
];

const MAX_GROWTH_MB_PER_HOUR = 1;
const MB = 2 ** 20;
const HOUR_MS = 3_600_000;

type Bytes = (sample: Probed) => number;

const growth = ({ samples }: SoakReport, bytes: Bytes) =>
  slopeOf(samples.map((sample) => [sample.at / HOUR_MS, bytes(sample) / MB]));

function rowsOf(report: SoakReport): readonly (string | number)[] {
  const { samples, warmUpSamples, violations, questions, harms, peakDescriptors } = report;
  const [heap, resident] = [growth(report, heapOf), growth(report, ({ residentBytes }) => residentBytes)];
  const last = samples.at(-1);
  const inWords = ({ slope, low, high }: Slope): string =>
    `${slope.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  return [
    MINUTES,
    OPTIONS.people,
    questions,
    [...harms.values()].reduce((sum, count) => sum + count, 0),
    violations.length,
    ((last ? heapOf(last) : 0) / MB).toFixed(1),
    inWords(heap),
    inWords(resident),
    `${mostOf(warmUpSamples, 'descriptors')} / ${peakDescriptors} / ${last?.descriptors ?? 0}`,
    `${mostOf(warmUpSamples, 'timers')} / ${last?.timers ?? 0}`,
  ];
}

const HEADINGS = [
  `soak (seed ${SEED})`,
  'minutes',
  'people',
  'questions',
  'faults',
  'violations',
  'heap, MB',
  'heap, MB/h',
  'resident, MB/h',
  'descriptors: rest / peak / end',
  'timers: rest / end',
];

const postgres = process.env['TEST_DATABASE_URL'];
const databases: readonly (readonly [string, string | null])[] = [
  ['SQLite', null],
  ...(postgres === undefined ? [] : [['PostgreSQL, 2 processes', postgres] as const]),
];
const wanted = databases.filter(([name]) => name.startsWith(process.env['SOAK_ONLY'] ?? ''));

// A second try would take as long again, and hide the findings.
jest.retryTimes(0);

describe('an installation under use and faults', () => {
  const table: (readonly (string | number)[])[] = [];
  afterAll(() => printTable([HEADINGS, ...table]));

  for (const [name, server] of wanted) {
    it(
      `keeps its promises and its size: ${name}`,
      async () => {
        using build = ServerBuild.copy(SHORT_MEMORY);
        using probe = new Probe();
        const random = new Random(SEED);
        await using installation = await Installation.start(build, random, probe.environment, server);
        const report = await new Soak(installation, probe, OPTIONS).run();
        table.push([name, ...rowsOf(report)]);
        const harms = [...report.harms].map(([harm, count]) => `${count} x ${harm}`).join(', ');
        process.stdout.write(`  ${name}: ${harms}\n`);
        expect(report.violations.slice(0, 20)).toEqual([]);
        const { slope, low } = growth(report, heapOf);
        // Within a few minutes growth may be chance.
        if (low > 0) expect(slope).toBeLessThan(MAX_GROWTH_MB_PER_HOUR);
        const [last] = report.samples.slice(-1);
        if (last) expect(HELD.filter((what) => !isBack(report.warmUpSamples, last, what))).toEqual([]);
      },
      (MINUTES + 10) * 60_000,
    );
  }
});
