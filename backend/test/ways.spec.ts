import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ARCHITECTURE = readFileSync('ARCHITECTURE.md', 'utf8');

/** The files in the table of a section of ARCHITECTURE.md, in its order. */
function filesOf(section: string): string[] {
  const [, after = ''] = ARCHITECTURE.split(`## ${section}\n`);
  const [part = ''] = after.split('\n## ');
  const rows = part.split('\n').filter((line) => line.startsWith('|'));
  return rows.flatMap((row) =>
    [...row.matchAll(/`((?:backend|frontend)\/src\/[\w./()[\]+-]+\.(?:ts|svelte))`/g)].flatMap(
      ([, path]) => path ?? [],
    ),
  );
}

/** The imports of a file within this repository. An index counts as all files that it re-exports. */
function importsOf(file: string): Set<string> {
  const found = new Set<string>();
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    const path = resolved(file, name);
    if (path === undefined || found.has(path)) continue;
    found.add(path);
    if (/\/(protocol|markdown)\/index\.ts$/.test(path)) for (const handed of importsOf(path)) found.add(handed);
  }
  return found;
}

function resolved(file: string, name: string): string | undefined {
  if (name === '#protocol') return 'backend/src/protocol/index.ts';
  const base = name.startsWith('#lib/') ? join('frontend/src/lib', name.slice(5)) : join(dirname(file), name);
  return [base, base.replace(/\.js$/, '.ts')].find((path) => /\.(ts|svelte)$/.test(path) && existsSync(path));
}

/** The files on the shortest import path between two files, both included; `undefined` without one. */
function wayBetween(from: string, to: string): string[] | undefined {
  const before = new Map<string, string | undefined>([[from, undefined]]);
  for (const file of before.keys()) {
    if (file === to) {
      const way: string[] = [];
      for (let at: string | undefined = to; at !== undefined; at = before.get(at)) way.unshift(at);
      return way;
    }
    for (const next of importsOf(file)) if (!before.has(next)) before.set(next, file);
  }
  return undefined;
}

/** Files that are reached over the socket, HTTP or the log, not by an import of an earlier file. */
const ENTRANCES: ReadonlySet<string> = new Set([
  'frontend/src/lib/chat/composer/Composer.svelte',
  'frontend/src/routes/(app)/chat/[[id]]/+page.svelte',
  'backend/src/realtime/sockets/socket-middleware.ts',
  'backend/src/auth/sessions/roles.guard.ts',
  'backend/src/chat/chat.gateway.ts',
  'frontend/src/lib/sync/stream-reader.svelte.ts',
  'frontend/src/lib/chat/thread/Thread.svelte',
]);
/** How many unlisted files an import path between two steps may have. */
const MOST_IN_BETWEEN = 3;

describe('the path of one message', () => {
  const files = filesOf('The way of one message');

  it('has at most twenty files, all of which exist', () => {
    expect(files.length).toBeGreaterThan(15);
    expect(files.length).toBeLessThanOrEqual(20);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(new Set(files).size).toBe(files.length);
  });

  it.each(files.slice(1))('leads to %s by imports', (file) => {
    const earlier = files.slice(0, files.indexOf(file));
    const ways = earlier.flatMap((other) => [wayBetween(other, file), wayBetween(file, other)]);
    const shortest = Math.min(...ways.map((way) => way?.length ?? Number.POSITIVE_INFINITY));
    if (!ENTRANCES.has(file)) expect(shortest - 2).toBeLessThanOrEqual(MOST_IN_BETWEEN);
  });
});

describe('the path of one token', () => {
  const files = filesOf('The way of one token');

  it('has at most ten files', () => {
    expect(files.length).toBeGreaterThan(5);
    expect(files.length).toBeLessThanOrEqual(10);
    expect(new Set(files).size).toBe(files.length);
  });

  it.each(files)('leads through %s, which states its cost and imports neither the ORM nor a query builder', (file) => {
    const source = readFileSync(file, 'utf8');
    expect(source).toMatch(/costs? [\d.]+ us|[\d.]+ us of CPU/);
    expect(source).not.toMatch(/from '(@mikro-orm|kysely)/);
  });
});
