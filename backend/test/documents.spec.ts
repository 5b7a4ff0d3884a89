import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import {
  adminEvents,
  commands,
  conversationEvents,
  ERROR_CODES,
  results,
  RUN_ERROR_CODES,
  serverMessages,
  userEvents,
} from '../src/protocol/index.js';

const DOCUMENTS = globSync('{*.md,docs/**/*.md,bench/*.md,.github/*.md}').sort();
const textOf = (path: string): string => readFileSync(path, 'utf8');
const protocol = textOf('docs/protocol.md');

/** The cells of the rows of a table. */
function rowsBelow(text: string, heading: string): string[][] {
  const [, after] = text.split(`\n${heading}\n`);
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

/** The top-level keys of the first shape in a cell: `{a, b?: {c}}` has `a` and `b?`. */
function keysOf(cell: string): string[] | undefined {
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

/** The keys of a schema in the notation of a document; `undefined` for anything but an object. */
function keysOfSchema(schema: z.ZodType): string[] | undefined {
  const { shape } = schema as { readonly shape?: Readonly<Record<string, z.ZodType>> };
  if (!shape) return undefined;
  return Object.entries(shape)
    .map(([key, value]) => (value.safeParse(undefined).success ? `${key}?` : key))
    .sort();
}

const bare = (cell = ''): string => cell.replaceAll('`', '');

describe('a document', () => {
  it.each(DOCUMENTS)('%s names files that exist', (document) => {
    // In pages about adding something, a file name at the start of a line is a file that the reader creates.
    const toBeMade = document.startsWith('docs/adding-') ? /^`[^`]+`/gm : /(?!)/g;
    const text = textOf(document)
      .replaceAll(/```[^]*?```/g, '')
      .replaceAll(toBeMade, '');
    const named = [...text.matchAll(/`((?:backend|frontend|scripts|e2e|bench|docs)\/[\w./[\]()+-]+\.\w+)`/g)];
    const linked = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)];
    const missing = [
      ...named.flatMap(([, path = '']) => (existsSync(path) ? [] : [path])),
      ...linked.flatMap(([, path = '']) => (existsSync(join(dirname(document), decodeURI(path))) ? [] : [path])),
    ];
    expect(missing).toEqual([]);
  });
});

describe('docs/protocol.md', () => {
  const commandRows = rowsBelow(protocol, '### Commands').slice(2);

  it('names each command, with the keys of its payload', () => {
    const documented = commandRows.map(([name, payload = '']) => [bare(name), keysOf(payload)]);
    const known = Object.entries(commands).map(([name, schema]) => [name, keysOfSchema(schema)]);
    expect(new Map(documented as [string, string[]][])).toEqual(new Map(known as [string, string[]][]));
  });

  it('describes the reply to each command', () => {
    for (const [name, , data = ''] of commandRows) {
      const schema = results[bare(name) as keyof typeof results] as z.ZodType;
      const keys = keysOf(data);
      // A view is described in its own section, and a reply may be the same as in the row above.
      if (keys) expect([name, keys]).toEqual([name, expect.arrayContaining(keys)]);
      if (keys) expect(keysOfSchema(schema)).toEqual(expect.arrayContaining(keys));
    }
  });

  it('names each message of the server', () => {
    const rows = rowsBelow(protocol, '### What the server says').slice(2);
    const documented = rows.map(([name, payload = '']) => [bare(name), keysOf(payload)]);
    const known = Object.entries(serverMessages).map(([name, schema]) => [name, keysOfSchema(schema)]);
    expect(documented).toEqual(known);
  });

  it('names each event of each kind of stream', () => {
    const cells = rowsBelow(protocol, '### Streams').map(([, cell = '']) => cell);
    const events = cells.flatMap((cell) => [...cell.matchAll(/`([a-z]+\.[a-z]+)`/g)].map(([, name]) => name));
    const known = [conversationEvents, userEvents, adminEvents].flatMap((some) => Object.keys(some));
    expect(new Set(events)).toEqual(new Set(known));
  });

  it('names each error code', () => {
    for (const code of [...ERROR_CODES, ...RUN_ERROR_CODES]) expect(protocol).toContain(`\`${code}\``);
  });
});
