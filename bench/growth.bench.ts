/**
 * The cost of a large database: the same server with 1,000 and with 100,000 conversations, side by side.
 *
 *     node bench/growth.bench.ts [--write]
 */
import { resolve } from 'node:path';
import { ensureBuilt } from '../scripts/build.ts';
import { server } from '../scripts/outputs.ts';
import { writeFigures } from './speed/report/bench-page.ts';
import { Children } from './speed/systems/children.ts';
import type { Spread } from './speed/report/figures.ts';
import { measureGrowth } from './speed/growth.ts';
import { machine, warnWhenBusy } from './speed/report/machine.ts';
import { readOptions } from './speed/options.ts';
import { markdownTable, shortNumber } from './speed/report/result-table.ts';

const [FEW, MANY] = [1_000, 100_000];

const options = readOptions(process.argv.slice(2));
await ensureBuilt(server);
warnWhenBusy();
const children = new Children();
const model = await children.start(resolve('bench/speed/load/upstream.ts'), '.', {});
const surroundings = { children, modelPort: model.port };
const few = await measureGrowth(surroundings, FEW);
const many = await measureGrowth(surroundings, MANY);
await model.end();

const cell = (spread: Spread | undefined): string => {
  if (!spread) return '-';
  const [middle, min, max] = [spread.median, spread.min, spread.max].map(shortNumber);
  return min === max ? `${middle}` : `${middle} (${min}..${max})`;
};
const lines = [...few.figures].map(([title, small]) => {
  const large = many.figures.get(title);
  return [title, cell(small), cell(large), large ? `${shortNumber(large.median / small.median)}x` : '-'];
});
const table = markdownTable(
  ['conversations', FEW.toLocaleString('en'), MANY.toLocaleString('en'), 'ratio'],
  [...lines, ['errors', String(few.errors), String(many.errors), '']],
);
const figures = `Medians (least..most). ${machine()}\n\n${table}`;
console.log(`\n${figures}`);
if (options.write) await writeFigures('growth', figures);
