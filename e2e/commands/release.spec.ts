import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dated, unreleased, whyTooSmall } from '../../release/changelog.ts';
import { release, type Runner } from '../../release/release.ts';
import { runProgram } from '../../scripts/programs.ts';

const SCHEMA = 'backend/dev/migrations/released-schema.json';
const CHART = 'ops/kubernetes/lockstep/Chart.yaml';
const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- A new thing.

### Fixed

- An old one.

## [0.1.0] - 2026-11-01

- The first.
`;

/** A repository with the files that a release reads and writes. */
class Repository implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'lockstep-release-'));
  readonly said: string[] = [];
  /** The programs that were run, without those of Git. */
  readonly ran: string[] = [];
  /** Fails instead of doing nothing. */
  failing = '';

  constructor(changelog = CHANGELOG) {
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('config', 'user.name', 'Ada');
    this.git('config', 'user.email', 'ada@example.com');
    this.write('package.json', `${JSON.stringify({ name: 'x', version: '0.1.0', private: true }, undefined, 2)}\n`);
    const lock = { name: 'x', version: '0.1.0', packages: { '': { version: '0.1.0' }, 'node_modules/y': {} } };
    this.write('package-lock.json', JSON.stringify(lock, undefined, 2));
    this.write('CHANGELOG.md', changelog);
    this.write(SCHEMA, '{"version":"0.1.0"}');
    this.write(CHART, 'apiVersion: v2\nname: x\nversion: 0.1.0\nappVersion: 0.1.0\n');
    this.git('add', '.');
    this.git('commit', '--quiet', '-m', 'first');
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.root, encoding: 'utf8' }).trim();
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Git is real; what would take minutes is only noted. */
  private readonly run: Runner = (program, args, options) => {
    if (program === 'git') return runProgram(program, args, { ...options, cwd: this.root });
    const command = [program, ...args].join(' ');
    this.ran.push(command);
    if (program === 'node') this.write(SCHEMA, `{"version":"${args.at(-1)}"}`);
    return Promise.resolve({ ok: command !== this.failing, output: '', seconds: 0 });
  };

  release(version: string, isDry = false): Promise<void> {
    const say = (line: string): void => void this.said.push(line);
    return release({ root: this.root, version, date: '2026-11-27', isDry, run: this.run, say });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

describe('npm run release', () => {
  let repository: Repository;
  beforeEach(() => void (repository = new Repository()));
  afterEach(() => repository[Symbol.dispose]());

  it('checks, tests and builds, then commits and tags the version, and says what to push', async () => {
    await repository.release('0.2.0');
    expect(repository.ran).toEqual([
      'npm run check',
      'npm run test',
      'npm run test:services',
      'npm run build',
      'node release/record-schema.ts 0.2.0',
      'npm run sbom',
    ]);
    expect(JSON.parse(repository.read('package.json'))).toEqual({ name: 'x', version: '0.2.0', private: true });
    expect(JSON.parse(repository.read('package-lock.json'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' }, 'node_modules/y': {} },
    });
    expect(repository.read('CHANGELOG.md')).toContain('## [Unreleased]\n\n## [0.2.0] - 2026-11-27\n\n### Added\n');
    expect(repository.read(CHART)).toContain('version: 0.2.0\nappVersion: 0.2.0');
    expect(repository.git('status', '--porcelain')).toBe('');
    expect(repository.git('log', '-1', '--format=%s')).toBe('chore(release): 0.2.0');
    expect(repository.git('show', '--stat', '--format=', 'HEAD')).toContain(SCHEMA);
    expect(repository.git('rev-parse', 'v0.2.0^{commit}')).toBe(repository.git('rev-parse', 'HEAD'));
    expect(repository.git('tag', '--list', '--format=%(contents)', 'v0.2.0')).toContain('Added:\n\n- A new thing.');
    expect(repository.said.at(-1)).toBe('  git push origin main v0.2.0');
    // The next one has nothing to release yet.
    await expect(repository.release('0.3.0')).rejects.toThrow('nothing to release');
  });

  it('prints the steps with --dry-run, and changes nothing', async () => {
    const head = repository.git('rev-parse', 'HEAD');
    await repository.release('0.2.0', true);
    expect(repository.ran).toEqual([]);
    expect(repository.said.map((line) => line.trim())).toEqual(
      expect.arrayContaining(['1. npm run check', '2. npm run test', '9. Commit, and tag it v0.2.0']),
    );
    expect([repository.git('status', '--porcelain'), repository.git('rev-parse', 'HEAD')]).toEqual(['', head]);
    expect(repository.git('tag')).toBe('');
  });

  it.each(['npm run test', 'npm run build', 'npm run sbom', 'node release/record-schema.ts 0.2.0'])(
    'leaves everything as it was when this fails: %s',
    async (command) => {
      repository.failing = command;
      await expect(repository.release('0.2.0')).rejects.toThrow(`${command} has failed`);
      expect([repository.git('status', '--porcelain'), repository.git('tag')]).toEqual(['', '']);
    },
  );

  it.each(['v0.2.0', '0.2', 'next', '0.2.0 '])('refuses "%s", which is no version', async (version) => {
    await expect(repository.release(version)).rejects.toThrow('is no version: write MAJOR.MINOR.PATCH');
  });

  it.each(['0.1.0', '0.0.9', '0.1.0-rc.1'])('refuses %s, which is not greater than the last one', async (version) => {
    await expect(repository.release(version)).rejects.toThrow(`${version} is not greater than the last version, 0.1.0`);
  });

  it('refuses other branches, changes that are not committed, and a tag that exists', async () => {
    repository.git('checkout', '--quiet', '-b', 'other');
    await expect(repository.release('0.2.0')).rejects.toThrow('Releases are made on main, and this is other.');
    repository.git('checkout', '--quiet', 'main');
    repository.write('new.txt', '');
    await expect(repository.release('0.2.0')).rejects.toThrow('not committed');
    rmSync(join(repository.root, 'new.txt'));
    repository.git('tag', 'v0.2.0');
    await expect(repository.release('0.2.0')).rejects.toThrow('The tag v0.2.0 exists already.');
    expect(repository.ran).toEqual([]);
  });

  it('refuses a version that is too small for what has changed', async () => {
    await expect(repository.release('0.1.1')).rejects.toThrow('it needs a new minor version');
  });
});

describe('the changelog', () => {
  it('of this repository has the form that a release reads', () => {
    expect(unreleased(readFileSync('CHANGELOG.md', 'utf8')).groups.size).toBeGreaterThan(0);
  });

  it('must have a section for what is not released, with entries below known headings', () => {
    expect(() => unreleased('# Changelog\n')).toThrow('no section');
    expect(() => unreleased('## [Unreleased]\n\n### Added\n\n## [0.1.0] - 2026-11-01\n\n- x\n')).toThrow('no entry');
    expect(() => unreleased('## [Unreleased]\n\n### News\n\n- x\n')).toThrow('"News" is none of Added');
    expect([...unreleased(CHANGELOG).groups]).toEqual([
      ['Added', '- A new thing.'],
      ['Fixed', '- An old one.'],
    ]);
    expect(dated(CHANGELOG, '1.0.0', '2027-01-02')).toContain('## [1.0.0] - 2027-01-02\n\n### Added');
  });

  it.each<[string, string, string, boolean]>([
    ['1.2.3', '1.2.4', 'Fixed', true],
    ['1.2.3', '1.2.4', 'Security', true],
    ['1.2.3', '1.2.4', 'Changed', false],
    ['1.2.3', '1.3.0', 'Added', true],
    ['1.2.3', '1.3.0', 'Removed', false],
    ['1.2.3', '2.0.0', 'Removed', true],
    ['0.2.3', '0.3.0', 'Removed', true],
    ['0.2.3', '0.2.4', 'Removed', false],
  ])('from %s to %s, with changes below %s: allowed is %s', (former, version, heading, isAllowed) => {
    const section = unreleased(`## [Unreleased]\n\n### ${heading}\n\n- x\n`);
    expect(whyTooSmall(former, version, section) === undefined).toBe(isAllowed);
  });
});
