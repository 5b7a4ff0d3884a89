import { readFileSync } from 'node:fs';
import type { z } from 'zod';

export const protocol = readFileSync('docs/protocol.md', 'utf8');

/** The cells of a table's rows, without the frame. */
export function rowsBelow(heading: string): string[][] {
  const [, after] = protocol.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`docs/protocol.md has no "${heading}"`);
  const [part = ''] = after.split(/\n#{2,3} /);
  const lines = part.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** The keys of the first shape in a cell, those of the top level: `{a, b?: {c}}` has `a` and `b?`. */
export function keysOf(cell: string): string[] | undefined {
  const start = cell.indexOf('`{');
  if (start < 0) return undefined;
  const keys: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of cell.slice(start + 1)) {
    if ('{[('.includes(character)) depth += 1;
    if ('}])'.includes(character)) depth -= 1;
    if (depth === 0 || (depth === 1 && character === ',')) {
      keys.push(part);
      part = '';
    } else if (depth > 1 || character !== '{') part += character;
    if (depth === 0) break;
  }
  return keys.flatMap((key) => /^\s*(\w+\??)/.exec(key)?.[1] ?? []).sort();
}

/** The keys of a schema, as a document writes them; `undefined` for what is no object. */
export function keysOfSchema(schema: z.ZodType): string[] | undefined {
  const { shape } = schema as { readonly shape?: Readonly<Record<string, z.ZodType>> };
  if (!shape) return undefined;
  return Object.entries(shape)
    .map(([key, value]) => (value.safeParse(undefined).success ? `${key}?` : key))
    .sort();
}

export const bare = (cell = ''): string => cell.replaceAll('`', '');
