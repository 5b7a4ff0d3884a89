import { mkdirSync, writeFileSync } from 'node:fs';
import { CommandFailed } from '../processes/command-failed.ts';
import { type Counts, line, MOST_SECOND_TRIES, slowest, type Timed, total } from './counts.ts';
import { REPORTS, runSuite, type Suite } from './suites.ts';

const SLOWEST = 10;

/**
 * Runs suites one after another, all of them even when one fails, and ends with the slowest tests and the sum.
 * @throws CommandFailed when a test failed, when too many needed a second try, or when there was none to run
 */
export async function runSuites(suites: readonly Suite[], args: readonly string[] = []): Promise<void> {
  mkdirSync(REPORTS, { recursive: true });
  const all: Counts[] = [];
  const late: string[] = [];
  const times: Timed[] = [];
  for (const suite of suites) {
    const { secondTries, times: own, ...counts } = await runSuite(suite, args);
    times.push(...own.map(({ title, seconds }) => ({ title: `${suite.name}: ${title}`, seconds })));
    late.push(...secondTries.map((title) => `${suite.name}: ${title}`));
    writeFileSync(`${REPORTS}/${suite.name}.counts.json`, JSON.stringify(counts));
    all.push(counts);
  }
  console.log();
  if (times.length > SLOWEST) {
    const lines = slowest(times, SLOWEST).map(({ title, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${title}`);
    console.log(`The slowest:\n${lines.join('\n')}\n`);
  }
  if (late.length > 0) console.log(`Passed at the second try only, and to be mended:\n  ${late.join('\n  ')}\n`);
  suites.forEach(({ name }, at) => console.log(`${name}: ${line(all[at] ?? total([]))}`));
  const sum = total(all);
  if (sum.failed > 0 || sum.passed === 0) throw new CommandFailed(line(sum));
  console.log(line(sum));
  if (late.length > MOST_SECOND_TRIES) {
    throw new CommandFailed(`${late.length} tests needed a second try, and ${MOST_SECOND_TRIES} may.`);
  }
}
