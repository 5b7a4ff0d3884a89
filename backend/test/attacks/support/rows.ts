import { CompiledQuery, type Kysely } from 'kysely';
import { Database } from '../../../src/database/database.js';
import type { TestServer } from '../../support/test-server.js';

type Row = Readonly<Record<string, unknown>>;

const TABLES = {
  sqlite: `select name from sqlite_schema where type = 'table' order by 1`,
  postgresql: `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
};

/** Every row of every table; the tables of the full-text index have no rows of their own. */
export async function everyRow(server: Pick<TestServer, 'get'>): Promise<Map<string, readonly Row[]>> {
  const database = server.get(Database);
  return database.read(async (em) => {
    const client = em.getConnection().getClient() as Kysely<unknown>;
    const query = async (text: string): Promise<readonly Row[]> =>
      (await client.executeQuery(CompiledQuery.raw(text))).rows as Row[];
    const tables = await query(TABLES[database.kind]);
    const names = tables.map(({ name }) => String(name)).filter((name) => !/^(sqlite_|search_words_index)/.test(name));
    const rows = new Map<string, readonly Row[]>();
    for (const name of names) rows.set(name, await query(`select * from "${name}"`));
    return rows;
  });
}

/** A cell as text; bytes are read as UTF-8. */
export const textOf = (value: unknown): string =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString()
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

/** What changes without any request: leases are renewed, and the last use is noted. */
const RESTLESS = /^(lease_|last_seen_at$|last_used_at$)/;

/** Events that tell of earlier acts up to a second later. */
const DELAYED: ReadonlySet<string> = new Set(['runs.changed', 'connections.changed', 'presence.changed']);

/** All rows that contain one of these texts, sorted, as one text: to see whether anything has changed. */
export async function rowsAbout(server: TestServer, words: readonly string[]): Promise<string> {
  const found: string[] = [];
  for (const [table, rows] of await everyRow(server)) {
    if (table === 'presence') continue;
    for (const row of rows) {
      if (DELAYED.has(String(row['type']))) continue;
      const cells = Object.entries(row).filter(([column]) => !RESTLESS.test(column));
      const text = `${table} ${cells.map(([, value]) => textOf(value)).join(' | ')}`;
      if (words.some((word) => text.includes(word))) found.push(text);
    }
  }
  return found.sort().join('\n');
}
