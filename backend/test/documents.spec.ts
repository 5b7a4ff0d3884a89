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
  teamEvents,
  userEvents,
} from '../src/protocol/index.js';
import { bare, keysOf, keysOfSchema, protocol, rowsBelow } from './support/protocol-tables.js';

/** As in layers.spec.ts. */
const MOST_FILES_OF_A_FOLDER = 15;
const DOCUMENTS = globSync('{*.md,docs/**/*.md,ops/**/*.md,bench/*.md,.github/*.md}').sort();
const textOf = (path: string): string => readFileSync(path, 'utf8');

/** In pages about adding something, a file name at the start of a line is a file that the reader creates. */
const TO_BE_MADE = /^`([^`]*\/[^`]+\.\w+)`/gm;
const GUIDES = DOCUMENTS.filter((path) => path.startsWith('docs/adding-'));

describe('a document', () => {
  it.each(DOCUMENTS)('%s names files that exist', (document) => {
    const toBeMade = GUIDES.includes(document) ? TO_BE_MADE : /(?!)/g;
    const text = textOf(document)
      .replaceAll(/```[^]*?```/g, '')
      .replaceAll(toBeMade, '');
    const named = [...text.matchAll(/`((?:backend|frontend|scripts|e2e|bench|docs|ops)\/[\w./[\]()+-]+\.\w+)`/g)];
    const linked = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)];
    const missing = [
      ...named.flatMap(([, path = '']) => (existsSync(path) ? [] : [path])),
      ...linked.flatMap(([, path = '']) => (existsSync(join(dirname(document), decodeURI(path))) ? [] : [path])),
    ];
    expect(missing).toEqual([]);
  });

  it.each(GUIDES)('%s adds files to folders that have room for them', (guide) => {
    const added = [...textOf(guide).matchAll(TO_BE_MADE)].map(([, path = '']) => path);
    const others = (path: string): string[] => globSync(`${dirname(path)}/*.*`).filter((file) => file !== path);
    const full = added.filter((path) => others(path).length >= MOST_FILES_OF_A_FOLDER);
    expect(full).toEqual([]);
  });
});

describe('docs/protocol.md', () => {
  const commandRows = rowsBelow('### Commands').slice(2);

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
    const rows = rowsBelow('### What the server says').slice(2);
    const documented = rows.map(([name, payload = '']) => [bare(name), keysOf(payload)]);
    const known = Object.entries(serverMessages).map(([name, schema]) => [name, keysOfSchema(schema)]);
    expect(documented).toEqual(known);
  });

  it('names each event of each kind of stream', () => {
    const cells = rowsBelow('### Streams').map(([, cell = '']) => cell);
    const events = cells.flatMap((cell) => [...cell.matchAll(/`([a-z]+\.[a-z]+)`/g)].map(([, name]) => name));
    const known = [conversationEvents, userEvents, teamEvents, adminEvents].flatMap((some) => Object.keys(some));
    expect(new Set(events)).toEqual(new Set(known));
  });

  it('names each error code', () => {
    for (const code of [...ERROR_CODES, ...RUN_ERROR_CODES]) expect(protocol).toContain(`\`${code}\``);
  });
});
