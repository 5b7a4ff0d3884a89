import { Readable } from 'node:stream';
import { type Stringifier, stringify } from 'csv-stringify';
import type { UsageGroup, UsageItem } from '../../protocol/index.js';

const MICROS = 1_000_000;
const KEYS = { person: ['person', 'email'], model: ['model'], day: ['day'] } as const;
const NUMBERS = ['runs', 'failed', 'stopped', 'input_tokens', 'output_tokens', 'cost', 'currency', 'estimated'];

/**
 * The items as CSV (RFC 4180), made while it is read. A program for spreadsheets would carry out a cell that begins with
 * `=`, `+`, `-`, `@`, a tab or a carriage return: it gets an apostrophe before it. The byte order mark lets Excel read
 * UTF-8.
 */
export function usageCsv(by: UsageGroup, items: readonly UsageItem[], currency: string): Stringifier {
  const columns = [...KEYS[by], ...NUMBERS];
  const format = { bom: true, escape_formulas: true, quoted_match: /[\r\n]/, record_delimiter: 'windows' } as const;
  const options = { header: true, columns, ...format };
  return Readable.from(items.map((item) => cellsOf(by, item, currency))).pipe(stringify(options));
}

function cellsOf(by: UsageGroup, item: UsageItem, currency: string): readonly (string | number)[] {
  const { key, name = '', email = '', runs, failed, stopped, inputTokens, outputTokens, costMicros } = item;
  const keys = by === 'person' ? [name, email] : [key ?? ''];
  const cost = costMicros === undefined ? ['', ''] : [costMicros / MICROS, currency];
  return [...keys, runs, failed, stopped, inputTokens, outputTokens, ...cost, item.estimated ? 'yes' : 'no'];
}
