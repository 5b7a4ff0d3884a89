import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { line, sumOfRun } from '../testing/counts.ts';
import { REPORTS } from '../testing/suites.ts';

// Sums up what the suites have left, for `.ci/run`. The arguments are the names of its steps that failed.
const counts = z.object({ passed: z.int(), failed: z.int(), skipped: z.int() });
const suites = globSync(`${REPORTS}/*.counts.json`).map(
  (path) => [basename(path, '.counts.json'), counts.parse(JSON.parse(readFileSync(path, 'utf8')))] as const,
);

const sum = sumOfRun(new Map(suites), process.argv.slice(2));
console.log(line(sum));
if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;
