/**
 * Latency against the number of people, from measured costs. Without options it prints the tables of docs/scaling.md.
 *
 *     node bench/simulate.bench.ts [--measure] [--check] [--write]
 *
 * `--measure` measures the costs on this machine, on SQLite and PostgreSQL. `--check` compares predictions with runs,
 * and fails when one differs by more than a quarter. `--write` writes bench/simulate/costs.json and docs/scaling.md.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createTestDatabase } from '../backend/test/support/test-database.ts';
import { ensureBuilt } from '../scripts/build.ts';
import { server } from '../scripts/outputs.ts';
import { readAssumptions } from './simulate/assumptions.ts';
import { compare, isWithinTolerance } from './simulate/comparison.ts';
import {
  type Check,
  type Costs,
  COSTS_FILE,
  type DatabaseName,
  type MeasuredCosts,
  readCosts,
} from './simulate/costs.ts';
import { measureChecks, measureCosts } from './simulate/measure/measure-costs.ts';
import { checksTable, tablesOf } from './simulate/tables.ts';
import { POSTGRES } from './speed/parts/other-process.part.ts';
import { writeFigures } from './speed/report/bench-page.ts';
import { machine, warnWhenBusy } from './speed/report/machine.ts';
import { measureSockets } from './speed/sockets.ts';
import { Children } from './speed/systems/children.ts';

const PAGE = 'docs/scaling.md';
const SOCKETS = 5_000;
const DATABASES: readonly DatabaseName[] = ['sqlite', 'postgresql'];

const { values: options } = parseArgs({
  options: {
    measure: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

async function measured(): Promise<MeasuredCosts> {
  await ensureBuilt(server);
  warnWhenBusy();
  const children = new Children();
  const model = await children.start(resolve('bench/speed/load/upstream.ts'), '.', {});
  const surroundings = { children, modelPort: model.port };
  const last = options.measure ? undefined : readCosts();
  const costs: Partial<Record<DatabaseName, Costs>> = { ...last?.costs };
  const checks: Check[] = [];
  for (const name of DATABASES) {
    if (options.measure) {
      const database = await createTestDatabase(name === 'sqlite' ? null : POSTGRES);
      const { idleCore, bytesPerSocket } = await measureSockets(surroundings, { database, sockets: SOCKETS });
      const sockets = { socketMicros: (idleCore * 1e6) / SOCKETS, socketBytes: bytesPerSocket };
      costs[name] = await measureCosts(surroundings, name, sockets);
    }
    checks.push(...(await measureChecks(surroundings, name)));
  }
  await model.end();
  return { measured: last?.measured ?? machine(), costs: costs as MeasuredCosts['costs'], checks };
}

const isMeasured = options.measure || options.check;
const result = isMeasured ? await measured() : readCosts();
const comparisons = compare(result);
const tables = tablesOf(result, comparisons, readAssumptions());
if (options.check && !options.measure) console.log(`\n${checksTable(comparisons)}`);
else for (const [name, table] of tables) console.log(`\n# ${name}\n\n${table}`);
if (options.write) {
  writeFileSync(COSTS_FILE, `${JSON.stringify(result, undefined, 2)}\n`);
  for (const [name, table] of tables) await writeFigures(name, table, PAGE);
}
const wrong = comparisons.filter((comparison) => !isWithinTolerance(comparison));
if (isMeasured && wrong.length > 0) {
  console.error(`${wrong.length} predictions differ from the runs by more than a quarter.`);
  process.exitCode = 1;
}
