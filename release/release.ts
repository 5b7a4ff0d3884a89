import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { z } from 'zod';
import { CommandFailed, type Ended, type ToolOptions } from '../scripts/programs.ts';
import { dated, type Section, unreleased, whyTooSmall } from './changelog.ts';

/** Runs a program in the folder of the release. Tests give another one for the steps that take minutes. */
export type Runner = (program: string, args: readonly string[], options?: ToolOptions) => Promise<Ended>;

export interface ReleaseOptions {
  /** The folder of the repository. */
  readonly root: string;
  readonly version: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  /** Checks everything, prints the steps, and changes nothing. */
  readonly isDry: boolean;
  readonly run: Runner;
  readonly say: (line: string) => void;
}

const BRANCH = 'main';
const SCHEMA = 'backend/dev/migrations/released-schema.json';
const CHART = 'ops/kubernetes/lockstep/Chart.yaml';
/** The files that a release changes. */
const CHANGED = ['package.json', 'package-lock.json', 'CHANGELOG.md', CHART, SCHEMA];

interface Step {
  readonly name: string;
  readonly act: () => Promise<unknown> | void;
}

/**
 * Makes a release of what is committed: checks and tests it, then commits and tags the version. Nothing leaves this machine.
 * @throws CommandFailed with the reason; the files are then as before
 */
export async function release(options: ReleaseOptions): Promise<void> {
  const { version, isDry, say } = options;
  const section = await whatIsReleased(options);
  const { before, after } = stepsOf(options, section);
  if (isDry) {
    say(`Version ${version} can be released. These steps follow without --dry-run:`);
    [...before, ...after].forEach(({ name }, at) => say(`  ${at + 1}. ${name}`));
    return;
  }
  for (const { name, act } of before) {
    say(name);
    await act();
  }
  try {
    for (const { name, act } of after) {
      say(name);
      await act();
    }
  } catch (error) {
    await options.run('git', ['checkout', '--quiet', 'HEAD', '--', ...CHANGED]);
    throw error;
  }
  say(`Version ${version} is committed and tagged. To publish it:`);
  say(`  git push origin ${BRANCH} v${version}`);
}

/** Checks everything that takes no time. @returns what has changed since the last release */
async function whatIsReleased({ root, version, run }: ReleaseOptions): Promise<Section> {
  if (semver.valid(version) !== version) {
    throw new CommandFailed(`"${version}" is no version: write MAJOR.MINOR.PATCH, such as 1.4.0 (https://semver.org).`);
  }
  const former = manifest.parse(readJson(join(root, 'package.json'))).version;
  if (!semver.gt(version, former))
    throw new CommandFailed(`${version} is not greater than the last version, ${former}.`);
  const git = async (...args: readonly string[]): Promise<string> => (await run('git', args)).output.trim();
  const branch = await git('rev-parse', '--abbrev-ref', 'HEAD');
  if (branch !== BRANCH) throw new CommandFailed(`Releases are made on ${BRANCH}, and this is ${branch}.`);
  if ((await git('status', '--porcelain')) !== '') {
    throw new CommandFailed('There are changes that are not committed: `git status` lists them.');
  }
  if ((await git('tag', '--list', `v${version}`)) !== '')
    throw new CommandFailed(`The tag v${version} exists already.`);
  const section = noted(root);
  const reason = whyTooSmall(former, version, section);
  if (reason !== undefined) throw new CommandFailed(reason);
  return section;
}

function noted(root: string): Section {
  try {
    return unreleased(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
}

/** `before` changes no file of the repository; `after` does. */
function stepsOf(
  { root, version, date, run }: ReleaseOptions,
  { text }: Section,
): { readonly before: readonly Step[]; readonly after: readonly Step[] } {
  const must = async (program: string, ...args: readonly string[]): Promise<void> => {
    const { ok, output } = await run(program, args, { show: program === 'git' ? 'kept' : 'live' });
    if (!ok) throw new CommandFailed(`${[program, ...args].join(' ')} has failed. ${output}`.trim());
  };
  const npm = (...args: readonly string[]): Step => ({
    name: `npm run ${args.join(' ')}`,
    act: () => must('npm', 'run', ...args),
  });
  const log = join(root, 'CHANGELOG.md');
  return {
    before: [npm('check'), npm('test'), npm('test:services')],
    after: [
      {
        name: `Set version ${version} in package.json, package-lock.json and ${CHART}`,
        act: () => setVersion(root, version),
      },
      {
        name: `Date the section of ${version} in CHANGELOG.md`,
        act: () => writeFileSync(log, dated(readFileSync(log, 'utf8'), version, date)),
      },
      npm('build'),
      {
        name: `Record the schema of ${version} in ${SCHEMA}`,
        act: () => must('node', 'release/record-schema.ts', version),
      },
      npm('sbom'),
      {
        name: `Commit, and tag it v${version}`,
        act: async () => {
          await must('git', 'add', '--', ...CHANGED);
          await must('git', 'commit', '--quiet', '-m', `chore(release): ${version}`, '-m', BODY);
          await must('git', 'tag', '--annotate', `v${version}`, '-m', `Lockstep ${version}`, '-m', tagText(text));
        },
      },
    ],
  };
}

const BODY = 'The changelog has what has changed. The recorded schema is what later migrations are compared with.';

/** Git takes lines with a leading `#` for comments. */
const tagText = (text: string): string => text.replaceAll(/^### (.*)$/gm, '$1:');

const manifest = z.looseObject({ version: z.string() });
const lockfile = z.looseObject({ version: z.string(), packages: z.looseObject({ '': manifest }) });

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const writeJson = (path: string, content: object): void =>
  writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`);

function setVersion(root: string, version: string): void {
  const [path, lockPath] = [join(root, 'package.json'), join(root, 'package-lock.json')];
  writeJson(path, { ...manifest.parse(readJson(path)), version });
  const { packages, ...lock } = lockfile.parse(readJson(lockPath));
  writeJson(lockPath, { ...lock, version, packages: { ...packages, '': { ...packages[''], version } } });
  const chart = join(root, CHART);
  writeFileSync(chart, readFileSync(chart, 'utf8').replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`));
}
