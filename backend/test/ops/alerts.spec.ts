import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RUN_ERROR_CODES } from '../../src/protocol/index.js';
import { findProgram } from '../../testing/find-program.js';
import { alertsOf, readRules, testedAlerts } from './alert-rules.js';

const ALERTS = alertsOf(readRules());
const NAMES = ALERTS.map(({ alert }) => alert);
const RUNBOOKS = 'docs/runbooks';
const HEADINGS = ['What people notice', 'What to check', 'What to do', 'When it is over'];
const CONFIG = 'ops/prometheus/prometheus.yml';

describe('the alerts', () => {
  it('have names of their own', () => {
    expect(NAMES.length).toBeGreaterThan(20);
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  it('each have a runbook, and each runbook has an alert', () => {
    const runbooks = readdirSync(RUNBOOKS).filter((name) => name !== 'README.md');
    expect(runbooks.sort()).toEqual(NAMES.map((name) => `${name}.md`).sort());
    for (const { alert, annotations } of ALERTS) {
      expect(annotations.runbook_url).toBe(`https://example.org/lockstep/${RUNBOOKS}/${alert}.md`);
    }
  });

  it('each have a test in which they fire, and one in which they do not', () => {
    const { firing, silent } = testedAlerts();
    expect([...firing].sort()).toEqual([...NAMES].sort());
    expect([...silent].sort()).toEqual([...NAMES].sort());
  });

  it('are listed in docs/monitoring.md with severity and meaning', () => {
    const rows = readFileSync('docs/monitoring.md', 'utf8').matchAll(
      /^\| \[(\w+)\]\(runbooks\/(\w+)\.md\) +\| (critical|warning) +\| ([A-Z].*?) +\|$/gm,
    );
    const listed = [...rows].map(([, alert, runbook, severity]) => ({ alert, runbook, severity }));
    const known = ALERTS.map(({ alert, labels }) => ({ alert, runbook: alert, severity: labels.severity }));
    expect(listed).toEqual(known);
  });
});

it('the runbook of LockstepModelErrors explains each kind of error of a model', () => {
  const text = readFileSync(join(RUNBOOKS, 'LockstepModelErrors.md'), 'utf8');
  const kinds = RUN_ERROR_CODES.filter((code) => /^(?:model|context)_/.test(code));
  const explained = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, kind = '']) => kind);
  expect(explained.sort()).toEqual([...kinds].sort());
});

describe.each(NAMES)('the runbook of %s', (name) => {
  const text = readFileSync(join(RUNBOOKS, `${name}.md`), 'utf8');

  it('has all parts, in their order, and a command', () => {
    expect(text.split('\n')[0]).toBe(`# ${name}`);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(HEADINGS);
    const [, check = ''] = text.split('## What to check');
    expect(check.split('## What to do')[0]).toContain('```sh\n');
  });

  it('looks for lines that the server writes', () => {
    const sources = serverSources();
    const wanted = [...text.matchAll(/^logs [^|]*\| grep '([^'"]+)'/gm)].map(([, line = '']) => line);
    expect(wanted.filter((line) => !sources.includes(line))).toEqual([]);
  });

  it('has commands that a shell can parse', () => {
    for (const [, commands = ''] of text.matchAll(/^```sh\n(.*?)^```$/gms)) {
      execFileSync('bash', ['-n'], { input: commands, stdio: ['pipe', 'ignore', 'pipe'] });
    }
  });
});

describe('the examples in ops/prometheus', () => {
  // Debian has promtool in the package of Prometheus, and amtool in that of Alertmanager.
  const missing = ['promtool', 'amtool'].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) {
    // oxlint-disable-next-line jest/no-disabled-tests
    it.skip(`are accepted by promtool and amtool (not run: ${missing} is not installed)`, () => undefined);
    return;
  }

  it.each([
    ['the rules', 'promtool', ['check', 'rules', 'ops/prometheus/alerts.yml']],
    ['the cases of all alerts', 'promtool', ['test', 'rules', 'ops/prometheus/alerts.test.yml']],
    ['the configuration of Alertmanager', 'amtool', ['check-config', 'ops/prometheus/alertmanager.yml']],
  ])('%s', (_what, program, args) => {
    expect(run(program, args)).toContain('SUCCESS');
  });

  it('the configuration of Prometheus', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-ops-'));
    try {
      const token = join(folder, 'token');
      writeFileSync(token, 'a-token-for-prometheus');
      const text = readFileSync(CONFIG, 'utf8');
      expect(text).toContain('/etc/prometheus/lockstep-metrics-token');
      writeFileSync(join(folder, 'prometheus.yml'), text.replace('/etc/prometheus/lockstep-metrics-token', token));
      writeFileSync(join(folder, 'alerts.yml'), readFileSync('ops/prometheus/alerts.yml'));
      expect(run('promtool', ['check', 'config', join(folder, 'prometheus.yml')])).toContain('SUCCESS');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The output of a program. @throws Error with its output if it fails */
function run(program: string, args: readonly string[]): string {
  return execFileSync(findProgram(program) ?? program, args, { encoding: 'utf8' });
}

let sources: string | undefined;
function serverSources(): string {
  const files = (): string[] => readdirSync('backend/src', { recursive: true, encoding: 'utf8' });
  sources ??= files()
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join('backend/src', path), 'utf8'))
    .join('\n');
  return sources;
}
