import { mkdirSync, writeFileSync } from 'node:fs';
import { CommandFailed } from '../processes/command-failed.ts';
import { type Counts, line, total } from './counts.ts';
import { REPORTS, runSuite, type Suite } from './suites.ts';

/**
 * Runs suites one after another, all of them even when one fails, and ends with the sum.
 * @throws CommandFailed when a test failed, or when there was none to run.
 */
export async function runSuites(suites: readonly Suite[], args: readonly string[] = []): Promise<void> {
  mkdirSync(REPORTS, { recursive: true });
  const all: Counts[] = [];
  const late: string[] = [];
  for (const suite of suites) {
    const { secondTries, ...counts } = await runSuite(suite, args);
    late.push(...secondTries.map((title) => `${suite.name}: ${title}`));
    writeFileSync(`${REPORTS}/${suite.name}.counts.json`, JSON.stringify(counts));
    all.push(counts);
  }
  console.log();
  if (late.length > 0) console.log(`Passed at the second try only, and to be mended:\n  ${late.join('\n  ')}\n`);
  suites.forEach(({ name }, at) => console.log(`${name}: ${line(all[at] ?? total([]))}`));
  const sum = total(all);
  if (sum.failed > 0 || sum.passed === 0) throw new CommandFailed(line(sum));
  console.log(line(sum));
}
