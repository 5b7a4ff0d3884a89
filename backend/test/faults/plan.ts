import type { Rule } from './check/recording.js';
import { spawnSync } from 'node:child_process';
import type { Fault } from './fault.js';

/** The database of the tests: PostgreSQL if `TEST_DATABASE_URL` is set. */
export const DATABASE = process.env['TEST_DATABASE_URL'] === undefined ? 'sqlite' : 'postgresql';

const asked = process.env['FAULT_ROUNDS'];
const only = process.env['FAULT_ONLY'];

/** `FAULT_ROUNDS` is a number, or `many`; by default there are few rounds, so that the test run stays short. */
export const IS_THOROUGH = asked === 'many';
/** The seed of the first round; printed, so that a run can be repeated. */
export const SEED = Number(process.env['FAULT_SEED'] ?? (IS_THOROUGH ? Date.now() % 1_000_000 : 1));
/** Explicitly requested rounds may take longer, as on a busy machine. */
export const PER_ROUND_MS = asked === undefined ? 240_000 : 600_000;
/** Whether only some faults were requested. */
export const IS_PARTIAL = only !== undefined;

export function roundsOf({ rounds: [few, many], databases, needs, name }: Fault): number {
  if (!(databases ?? [DATABASE]).includes(DATABASE)) return 0;
  if (needs !== undefined && spawnSync(needs, ['--version']).error) return 0;
  if (only !== undefined && !name.includes(only)) return 0;
  if (IS_THOROUGH) return many;
  return asked === undefined ? few : Number(asked);
}

/** The title of a test: with its rules, so that `-t L6` runs all tests of a rule. */
export const titleOf = (rules: readonly Rule[], name: string): string =>
  `${rules.map((rule) => `[${rule}]`).join(' ')} ${name}`;

/** Prints rows in columns, with a line below the first row. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, at) => Math.max(known[at] ?? 0, String(cell).length)),
    [],
  );
  const lines = rows.map((row) =>
    row
      .map((cell, at) => String(cell).padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  process.stdout.write(`\n${[lines[0], rule, ...lines.slice(1)].join('\n')}\n\n`);
}
