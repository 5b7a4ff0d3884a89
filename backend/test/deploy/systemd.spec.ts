import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { environment } from '../../src/config/environment.js';
import { findProgram } from '../../testing/find-program.js';

const FOLDER = 'ops/systemd';
const UNITS = ['lockstep.service', 'lockstep@.service'];
/** `systemd-analyze security` rates from 0 to 10, in tenths here; a service without any setting has 96. */
const MOST_EXPOSURE = 15;

const textOf = (unit: string): string => readFileSync(join(FOLDER, unit), 'utf8');
/** All lines without comments. */
const settingsOf = (unit: string): string[] =>
  textOf(unit)
    .split('\n')
    .filter((line) => /^\w/.test(line));
const valueOf = (unit: string, name: string): string =>
  settingsOf(unit)
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';

describe.each(UNITS)('the unit %s', (unit) => {
  it('starts the program that the build makes, with variables that it knows', () => {
    expect(valueOf(unit, 'ExecStart')).toMatch(/ dist\/src\/main\.js$/);
    expect(valueOf(unit, 'ExecStart').split(' ')[0]).toBe(
      `${valueOf(unit, 'WorkingDirectory')}/node_modules/.bin/node`,
    );
    const given = valueOf(unit, 'Environment')
      .split(' ')
      .map((pair) => pair.split('=')[0]);
    expect(given).toContain('NODE_ENV');
    expect(Object.keys(environment.shape)).toEqual(expect.arrayContaining(given));
  });

  it('gives it more time to stop than it takes', () => {
    const drainMs = environment.shape.DRAIN_MS.parse(undefined);
    expect(Number(valueOf(unit, 'TimeoutStopSec')) * 1000).toBeGreaterThan(drainMs + 5_000);
    expect(valueOf(unit, 'KillSignal')).toBe('SIGTERM');
  });

  it('lets it write to its own folder only, as a user of its own', () => {
    expect(valueOf(unit, 'DynamicUser')).toBe('yes');
    expect(valueOf(unit, 'ProtectSystem')).toBe('strict');
    expect(valueOf(unit, 'NoNewPrivileges')).toBe('yes');
    expect(valueOf(unit, 'Environment')).toContain(`DATA_DIR=%S/${valueOf(unit, 'StateDirectory')}`);
  });
});

describe('the unit for several processes', () => {
  it('differs from the other only in what depends on the port', () => {
    const [one, many] = UNITS.map((unit) => settingsOf(unit));
    const added = many?.filter((line) => !one?.includes(line));
    expect(added?.filter((line) => !line.includes('%i'))).toEqual(['DefaultInstance=3001']);
    expect(one?.filter((line) => !many?.includes(line)).map((line) => line.split('=')[0])).toEqual([
      'Description',
      'Environment',
      'User',
      'StateDirectory',
    ]);
  });
});

const analyze = findProgram('systemd-analyze');
const describeAnalyzed = analyze === undefined ? describe.skip : describe;

describeAnalyzed(`systemd-analyze${analyze === undefined ? ' (not run: systemd is not installed)' : ''}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-systemd-'));
    // The program has to be there.
    const program = join(folder, 'lockstep/node_modules/.bin/node');
    mkdirSync(join(program, '..'), { recursive: true });
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    for (const unit of UNITS) {
      writeFileSync(join(folder, unit), textOf(unit).replaceAll('/opt/lockstep', join(folder, 'lockstep')));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const verify = (unit: string): string => {
    const { stdout, stderr } = spawnSync(analyze ?? '', ['verify', '--man=no', join(folder, unit)], {
      encoding: 'utf8',
    });
    // Other units of the machine are loaded too, and may have mistakes of their own.
    return `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line.includes('lockstep'))
      .join('\n');
  };

  it.each(UNITS)('verify finds nothing wrong with %s', (unit) => expect(verify(unit)).toBe(''));

  it('verify would find a mistake', () => {
    const wrong = textOf('lockstep.service').replace('Restart=on-failure', 'Restart=sometimes');
    writeFileSync(join(folder, 'lockstep-wrong.service'), wrong);
    expect(verify('lockstep-wrong.service')).toContain('sometimes');
  });

  it.each(UNITS)(`security rates %s at ${MOST_EXPOSURE / 10} of 10 at most`, (unit) => {
    const options = ['security', '--offline=true', `--threshold=${MOST_EXPOSURE}`, '--no-pager', join(folder, unit)];
    expect(execFileSync(analyze ?? '', options, { encoding: 'utf8' })).toMatch(/exposure level for lockstep\S*: \d/);
  });
});
