/**
 * The cost of Lockstep's guarantees: each figure next to that of a bare relay, which stores nothing, in the same run.
 *
 * node bench/speed.bench.ts [--rounds 3] [--minutes 10] [--only latency,turn] [--answers 50,200] [--sockets 1000]
 * [--write]
 */
import { resolve } from 'node:path';
import { ensureBuilt } from '../scripts/build.ts';
import { server } from '../scripts/outputs.ts';
import { writeFigures } from './speed/report/bench-page.ts';
import { Children } from './speed/systems/children.ts';
import { crowdPart } from './speed/parts/crowd.part.ts';
import { idlePart } from './speed/parts/idle.part.ts';
import { machine, warnWhenBusy } from './speed/report/machine.ts';
import { readOptions } from './speed/options.ts';
import { hasPostgres, otherProcessPart } from './speed/parts/other-process.part.ts';
import { Results, resultTable } from './speed/report/result-table.ts';
import { RowChoice } from './speed/report/rows.ts';
import { singlePart } from './speed/parts/single.part.ts';
import { storedPart } from './speed/parts/stored.part.ts';

const options = readOptions(process.argv.slice(2));
const choice = new RowChoice(options.only);
await ensureBuilt(server);
warnWhenBusy();
const began = performance.now();
const children = new Children();
const model = await children.start(resolve('bench/speed/load/upstream.ts'), '.', {});

const parts = [singlePart, crowdPart(options.answers), idlePart(options.sockets), storedPart];
if (await hasPostgres()) parts.push(otherProcessPart);
else console.warn('No PostgreSQL answers: a tab on another process is left out.');

const results = new Results();
let round = 0;
const minutes = (): number => (performance.now() - began) / 60_000;
// A round that would exceed the time is left out.
for (; round < options.rounds && minutes() * (1 + 1 / Math.max(round, 1)) < options.minutes; round += 1) {
  for (const part of parts) {
    // The order is reversed from round to round.
    const systems = round % 2 === 0 ? part.systems : part.systems.toReversed();
    for (const system of systems) {
      const figures = await part.run(system, { children, modelPort: model.port }, (row) => choice.has(row));
      for (const some of figures) {
        results.add(round, system, some);
        if (some.problem !== undefined)
          console.warn(`${system}, ${Object.keys(some.values).join(', ')}: ${some.problem}`);
      }
    }
  }
  console.warn(`Round ${round + 1} of ${options.rounds}: ${minutes().toFixed(1)} min`);
}
await model.end();

const rows = parts.flatMap((part) => part.rows).filter((row) => choice.has(row));
const table = resultTable(rows, results);
const figures = `Medians of ${round === 1 ? '1 round' : `${round} rounds`} (least..most). ${machine()}\n\n${table}`;
console.log(`\n${figures}`);
if (options.write) await writeFigures('speed', figures);
