import { type Spread, spreadOf } from './figures.ts';
import type { SystemName } from '../parts/part.ts';
import type { Figures, Row } from './rows.ts';

/** All figures of all rounds. */
export class Results {
  readonly #values = new Map<string, Map<number, number>>();
  readonly #errors = new Map<string, number>();

  add(round: number, system: SystemName, { values, errors }: Figures): void {
    for (const [row, value] of Object.entries(values)) {
      const key = keyOf(row, system);
      this.#values.set(key, (this.#values.get(key) ?? new Map<number, number>()).set(round, value));
      this.#errors.set(row, (this.#errors.get(row) ?? 0) + errors);
    }
  }

  of(row: Row, system: SystemName): Spread | undefined {
    return spreadOf([...(this.#values.get(keyOf(row.key, system))?.values() ?? [])]);
  }

  /** Lockstep's figure divided by the relay's, per round. */
  ratio(row: Row): Spread | undefined {
    const own = this.#values.get(keyOf(row.key, 'lockstep'));
    const relays = [...(this.#values.get(keyOf(row.key, 'relay')) ?? [])];
    const ratios = relays.flatMap(([round, value]) => (own?.has(round) ? [(own.get(round) ?? 0) / value] : []));
    return row.withoutRatio ? undefined : spreadOf(ratios.filter(Number.isFinite));
  }

  errors(row: Row): number {
    return this.#errors.get(row.key) ?? 0;
  }
}

const keyOf = (row: string, system: SystemName): string => `${row} ${system}`;

/** Three significant digits. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return Number(value.toFixed(Math.min(digits, 2))).toLocaleString('en', { maximumFractionDigits: 2 });
}

const unitOf = (unit: string): string => (unit === '' || unit.startsWith('/') ? unit : ` ${unit}`);

function cell(spread: Spread | undefined, unit: string): string {
  if (!spread) return '-';
  const [middle, min, max] = [spread.median, spread.min, spread.max].map(shortNumber);
  return min === max ? `${middle}${unit}` : `${middle}${unit} (${min}..${max})`;
}

/** Medians with their spread over the rounds, as a Markdown table; rows without figures are left out. */
export function resultTable(rows: readonly Row[], results: Results): string {
  const known = rows.filter((row) => results.of(row, 'lockstep') ?? results.of(row, 'relay'));
  const lines = known.map((row) => [
    row.title,
    cell(results.of(row, 'relay'), unitOf(row.unit)),
    cell(results.of(row, 'lockstep'), unitOf(row.unit)),
    cell(results.ratio(row), 'x'),
    String(results.errors(row)),
  ]);
  return markdownTable(['same work, same run', 'bare relay', 'Lockstep', 'ratio', 'errors'], lines);
}

/** The first column left-aligned, numbers right-aligned, with widths as in `npm run format`. */
export function markdownTable(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, at) =>
    Math.max(heading.length, 3, ...lines.map((line) => (line[at] ?? '').length)),
  );
  const row = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => (at === 0 ? (cells[at] ?? '').padEnd(width) : (cells[at] ?? '').padStart(width))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [row(headings), `| ${rule.join(' | ')} |`, ...lines.map(row)].join('\n');
}
