import type { CheckArea, FindingStatus, SystemCheck } from '../protocol/http/index.js';
import { sentenceOf } from './sentences.js';

const TITLES: Readonly<Record<CheckArea, string>> = {
  configuration: 'Configuration',
  server: 'Server',
  storage: 'Storage',
  database: 'Database',
  bus: 'Events between processes',
  model: 'Models',
  sign_in: 'Sign-in',
  address: 'Address',
};
const MARKS: Readonly<Record<FindingStatus, string>> = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' };
const COLOURS: Readonly<Record<FindingStatus, number>> = { ok: 32, note: 33, problem: 31 };
const SOURCES = {
  environment: 'environment',
  env_file: '.env',
  kept: 'file in DATA_DIR',
  derived: 'derived',
  default: 'default',
  unset: 'not set',
} as const;

/** 1 if something does not work, or will not. */
export const exitCodeOf = ({ findings }: SystemCheck): 0 | 1 =>
  findings.some(({ status }) => status === 'problem') ? 1 : 0;

/** The report as text for a terminal. */
export function terminalReport({ findings, settings, tookMs }: SystemCheck, isColoured: boolean): string {
  const coloured = (status: FindingStatus): string =>
    isColoured ? `\u001b[${COLOURS[status]}m${MARKS[status]}\u001b[0m` : MARKS[status];
  const lines: string[] = [];
  for (const [area, found] of Map.groupBy(findings, (finding) => finding.area)) {
    lines.push(TITLES[area], ...found.map((finding) => `  ${coloured(finding.status)}  ${sentenceOf(finding)}`), '');
  }
  const width = Math.max(...settings.map(({ name }) => name.length));
  const values = settings
    .filter(({ source }) => source !== 'default' && source !== 'unset')
    .map(({ name, value, source }) => `  ${name.padEnd(width)}  ${value}  (${SOURCES[source]})`);
  const defaults = settings.length - values.length;
  lines.push('Settings', ...values, `  ${defaults} others have their defaults or are not set (--json lists them).`, '');
  const problems = findings.filter(({ status }) => status === 'problem').length;
  const result = problems === 0 ? 'No problems' : problems === 1 ? '1 problem' : `${problems} problems`;
  lines.push(`${result} found in ${(tookMs / 1000).toFixed(1)} s.`);
  return lines.join('\n');
}
