/**
 * The CPU time of the server's main thread during steady answers: by package and by function, without calls to others.
 * `--answers` sets how many run at once; the default is 100.
 *
 *     node bench/profile.bench.ts [--answers 1,100]
 */
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Profiler } from 'node:inspector';
import { ensureBuilt } from '../scripts/build.ts';
import { server } from '../scripts/outputs.ts';
import { type AnswersResult, runAnswers } from './speed/load/answers.ts';
import { appeared } from './speed/load/appeared.ts';
import { Children } from './speed/systems/children.ts';
import { foldProfile, type SelfTime } from './speed/report/folded-profile.ts';
import { readOptions } from './speed/options.ts';
import { markdownTable } from './speed/report/result-table.ts';
import { startLockstep, warmUp } from './speed/systems/start-system.ts';

const [RATE, SECONDS] = [20, 8];
const [PACKAGES, FUNCTIONS] = [20, 40];

const options = readOptions(['--answers', '100', ...process.argv.slice(2)]);
await ensureBuilt(server);
const children = new Children();
const model = await children.start(resolve('bench/speed/load/upstream.ts'), '.', {});
await using system = await startLockstep({ children, modelPort: model.port }, 'bench/speed/report/profiler.preload.ts');
await warmUp(system);
for (const answers of options.answers) {
  const report = join(system.database.dataDir, 'report.json');
  rmSync(report, { force: true });
  const onSteady = { begin: () => system.signal(), end: () => system.signal() };
  const result = await runAnswers(system, { answers, rate: RATE, seconds: SECONDS, onSteady });
  await appeared(report);
  print(answers, result, JSON.parse(readFileSync(report, 'utf8')) as Profiler.Profile);
}
await model.end();

function print(answers: number, { steadyTokens, steadyMs, errors }: AnswersResult, profile: Profiler.Profile): void {
  const folded = foldProfile(profile);
  const busy = folded.busyMicros / (folded.busyMicros + folded.idleMicros);
  // The profile is slightly longer than the period in which tokens were counted.
  const busyMicrosPerToken = (busy * steadyMs * 1_000) / steadyTokens;
  const table = (heading: string, times: readonly SelfTime[]): string => {
    const lines = times.map(({ name, micros }) => {
      const share = micros / folded.busyMicros;
      return [name, `${(100 * share).toFixed(1)} %`, (share * busyMicrosPerToken).toFixed(1)];
    });
    return markdownTable([heading, 'self time', 'µs a token'], lines);
  };
  const heading = `${answers} answers at ${RATE}/s: main thread busy ${(100 * busy).toFixed(0)} % of the time, ${busyMicrosPerToken.toFixed(0)} µs a token, ${errors} errors`;
  const [packages, functions] = [folded.packages.slice(0, PACKAGES), folded.functions.slice(0, FUNCTIONS)];
  console.log(`\n${heading}\n\n${table('package', packages)}\n\n${table('function', functions)}`);
}
