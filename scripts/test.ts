import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { ensureBrowser } from '../e2e/browser.ts';
import { ensureBuilt } from './build.ts';
import {
  attackLine,
  countJest,
  countPlaywright,
  forgetAttacks,
  line,
  MOST_SECOND_TRIES,
  NOTHING,
  type Report,
  REPORTS,
  slowest,
  type SuiteCounts,
  type Timed,
  total,
  troubles,
} from './counts.ts';
import { page as builtPage, server as builtServer } from './outputs.ts';
import { CommandFailed, type Ended, runJest, runScript, toolScript } from './programs.ts';

const SLOWEST = 10;

/** Tests that one runner runs and writes to one JSON report. */
interface Suite {
  readonly name: string;
  /** Runs the suite with more arguments for its runner; output goes to the terminal. */
  run(report: string, args: readonly string[]): Promise<Ended>;
  count(report: unknown): Report;
}

const jest = (name: string): Suite => ({
  name,
  run: (report, args) => runJest(name, ['--json', `--outputFile=${report}`, ...args], { show: 'live' }),
  count: countJest,
});
const [server, services, faults, soak] = [jest('server'), jest('services'), jest('faults'), jest('soak')];
const page: Suite = {
  name: 'page',
  run: (report, args) => {
    const options = ['run', '--reporter=default', '--reporter=json', `--outputFile=../${report}`, ...args];
    return runScript(toolScript('vitest'), options, { cwd: 'frontend', show: 'live' });
  },
  count: countJest,
};
const browser: Suite = {
  name: 'browser',
  run: (report, args) =>
    runScript(toolScript('@playwright/test', 'playwright'), ['test', ...args], {
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
      show: 'live',
    }),
  count: countPlaywright,
};

/** Prepares and runs the tests of each command. */
const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  // `npm test -- browser -g sign` runs one suite and passes the other arguments to its runner.
  async test([name, ...args]) {
    const one = [server, page, browser].find((suite) => suite.name === name);
    const chosen = one ? [one] : [server, page, browser];
    if (chosen.includes(browser)) await ensureBrowser();
    await ensureBuilt(builtServer, builtPage);
    await runSuites(chosen, args);
  },
  // Each test creates its own database on the same server.
  async 'test-services'(args) {
    const address = (process.env['TEST_DATABASE_URL'] ??= 'postgresql://postgres@127.0.0.1:5432/test');
    if (!(await isListening(address))) {
      throw new CommandFailed(
        `Nothing answers at ${address}. These tests need PostgreSQL: start it, or say where it is with TEST_DATABASE_URL.`,
      );
    }
    // Without it, the tests of the Redis bus are skipped.
    const redis = 'redis://127.0.0.1:6379';
    if (process.env['TEST_REDIS_URL'] === undefined && (await isListening(redis)))
      process.env['TEST_REDIS_URL'] = redis;
    await ensureBuilt(builtServer, builtPage);
    await runSuites([services], args);
  },
  // `npm run test:faults -- 'kill -9'` runs the faults whose names contain these words; `list` prints all names.
  async 'test-faults'([words, ...args]) {
    if (words === 'list') {
      process.env['FAULT_LIST'] = 'yes';
      return runSuites([faults], ['catalogue.fault-spec', ...args]);
    }
    process.env['FAULT_ROUNDS'] ??= 'many';
    if (words !== undefined) process.env['FAULT_ONLY'] = words;
    await ensureBuilt(builtServer);
    await runSuites([faults], args);
  },
  // `npm run test:soak -- 10` runs ten minutes for each database instead of thirty.
  async 'test-soak'([minutes = '30', ...args]) {
    if (!(Number(minutes) > 0)) throw new CommandFailed(`The duration must be a number of minutes, not "${minutes}".`);
    process.env['SOAK_MINUTES'] = minutes;
    await ensureBuilt(builtServer);
    await runSuites([soak], args);
  },
  // Attacks every route and command of a real server. `npm test` includes it.
  'test-attacks': (args) => runSuites([server], ['backend/test/attacks', ...args]),
  // Compares the rendered output with every example of CommonMark and GFM. `npm test` includes it.
  'test-markdown': (args) => runSuites([page], ['src/lib/markdown/examples', ...args]),
};

export default async function test(command: string): Promise<void> {
  await COMMANDS[command]?.(process.argv.slice(2));
}

/**
 * Runs all suites in sequence, even if one fails, and prints the slowest tests and the sum.
 * @throws CommandFailed when a test failed, when too many needed a second attempt, or when no test was run
 */
async function runSuites(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  mkdirSync(REPORTS, { recursive: true });
  forgetAttacks();
  const results = new Map<string, SuiteCounts>();
  const times: Timed[] = [];
  for (const suite of suites) {
    const { times: own, ...counts } = await runSuite(suite, args);
    times.push(...own.map(({ title, seconds }) => ({ title: `${suite.name}: ${title}`, seconds })));
    writeFileSync(`${REPORTS}/${suite.name}.counts.json`, JSON.stringify(counts));
    results.set(suite.name, counts);
  }
  console.log();
  const attacks = attackLine();
  if (attacks !== undefined) console.log(`${attacks}\n`);
  if (times.length > SLOWEST) {
    const lines = slowest(times, SLOWEST).map(({ title, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${title}`);
    console.log(`Slowest tests:\n${lines.join('\n')}\n`);
  }
  for (const trouble of troubles(results)) console.log(trouble);
  for (const [name, counts] of results) console.log(`${name}: ${line(counts)}`);
  const all = [...results.values()];
  const sum = total(all);
  if (sum.failed > 0 || sum.passed === 0) throw new CommandFailed(line(sum));
  console.log(line(sum));
  const late = all.reduce((count, { secondTries }) => count + secondTries.length, 0);
  if (late > MOST_SECOND_TRIES) {
    throw new CommandFailed(`${late} tests needed a second attempt; at most ${MOST_SECOND_TRIES} are allowed.`);
  }
}

/** Runs a suite and reads its report. A runner that fails without a failed test counts as one failed test. */
async function runSuite(suite: Suite, args: readonly string[]): Promise<Report> {
  const report = `${REPORTS}/${suite.name}.json`;
  rmSync(report, { force: true });
  console.log(`\n# ${suite.name} tests`);
  const ended = await suite.run(report, args);
  const counts = readReport(suite, report);
  return ended.ok || counts.failed > 0 ? counts : { ...counts, failed: 1, failures: ['the runner itself'] };
}

function readReport(suite: Suite, path: string): Report {
  try {
    return suite.count(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    console.error(`The ${suite.name} tests left no readable report:`, error);
    return { ...NOTHING, failed: 1, failures: ['no readable report'], secondTries: [], times: [] };
  }
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: hostname, port: Number(port || 5432), timeout: 3000 });
  socket.once('connect', () => resolve(true));
  socket.once('timeout', () => resolve(false));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
