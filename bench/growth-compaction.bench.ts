/**
 * Whether compaction keeps up: drops the log of 10,000 turns an hour during writes. On SQLite, and on PostgreSQL if
 * `TEST_DATABASE_URL` is set.
 *
 *     node bench/growth-compaction.bench.ts [--write]
 */
import { createTestDatabase } from '../backend/test/support/test-database.ts';
import { writeFigures } from './speed/report/bench-page.ts';
import { figuresOf, measureCompaction } from './speed/compaction.ts';
import { machine, warnWhenBusy } from './speed/report/machine.ts';
import { readOptions } from './speed/options.ts';
import { markdownTable, shortNumber } from './speed/report/result-table.ts';

const options = readOptions(process.argv.slice(2));
warnWhenBusy();
const postgres = process.env['TEST_DATABASE_URL'];
const columns = new Map<string, Map<string, number>>();
for (const [name, server] of [['SQLite', null] as const, ...(postgres ? [['PostgreSQL', postgres] as const] : [])]) {
  await using database = await createTestDatabase(server);
  columns.set(name, new Map(figuresOf(await measureCompaction(database))));
}
const titles = [...([...columns.values()][0]?.keys() ?? [])];
const lines = titles.map((title) => [
  title,
  ...[...columns.values()].map((figures) => shortNumber(figures.get(title) ?? NaN)),
]);
const figures = `${machine()}\n\n${markdownTable(['an hour of 10,000 turns', ...columns.keys()], lines)}`;
console.log(`\n${figures}`);
if (options.write) await writeFigures('compaction', figures);
