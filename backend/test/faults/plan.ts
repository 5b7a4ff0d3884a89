import type { Rule } from './check/recording.js';
import { spawnSync } from 'node:child_process';
import type { Fault } from './fault.js';

/** Where these tests run: on PostgreSQL when a server of it is named. */
export const DATABASE = process.env['TEST_DATABASE_URL'] === undefined ? 'sqlite' : 'postgresql';

const asked = process.env['FAULT_ROUNDS'];
const only = process.env['FAULT_ONLY'];

/** `FAULT_ROUNDS` is a number, or `many`; by default there are as few rounds as the other tests have time for. */
export const IS_THOROUGH = asked === 'many';
/** The first round's; printed, so that a run can be repeated. */
export const SEED = Number(process.env['FAULT_SEED'] ?? (IS_THOROUGH ? Date.now() % 1_000_000 : 1));
/** Who asks for rounds has the time that a busy machine takes for them. */
export const PER_ROUND_MS = asked === undefined ? 240_000 : 600_000;
/** Whether only some faults were asked for. */
export const IS_PARTIAL = only !== undefined;

export function roundsOf({ rounds: [few, many], databases, needs, name }: Fault): number {
  if (!(databases ?? [DATABASE]).includes(DATABASE)) return 0;
  if (needs !== undefined && spawnSync(needs, ['--version']).error) return 0;
  if (only !== undefined && !name.includes(only)) return 0;
  if (IS_THOROUGH) return many;
  return asked === undefined ? few : Number(asked);
}

/** How a test is called: with the rules at stake, so that `-t L6` runs what proves one. */
export const titleOf = (rules: readonly Rule[], name: string): string =>
  `${rules.map((rule) => `[${rule}]`).join(' ')} ${name}`;

/** Prints rows in columns, the first row above a line. */
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
