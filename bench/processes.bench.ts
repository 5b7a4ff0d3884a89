/**
 * How much later a token arrives at a tab on another process than at a tab on the writing process: with PostgreSQL's
 * NOTIFY, with Redis, and with neither.
 *
 *     node bench/processes.bench.ts [--only notify,redis,off] [--write]
 *
 * It needs PostgreSQL at TEST_DATABASE_URL, and Redis at TEST_REDIS_URL or redis://127.0.0.1:6379.
 */
import { resolve } from 'node:path';
import { ensureBuilt } from '../scripts/build.ts';
import { server } from '../scripts/outputs.ts';
import { writeFigures } from './speed/report/bench-page.ts';
import { Children } from './speed/systems/children.ts';
import { machine, warnWhenBusy } from './speed/report/machine.ts';
import { readOptions } from './speed/options.ts';
import { type Bus, measureProcesses, type ProcessesOptions } from './speed/processes.ts';
import { markdownTable, shortNumber } from './speed/report/result-table.ts';

const TITLES: Readonly<Record<Bus, string>> = { notify: 'NOTIFY', redis: 'Redis', off: 'neither' };
const SIMULATED = 98;
const PLAN: readonly ProcessesOptions[] = (['notify', 'redis', 'off'] as const).flatMap((bus) => [
  ...[2, 4, 8].map((processes) => ({ bus, processes, simulated: 0 })),
  // Without a bus there are no listeners to simulate.
  ...(bus === 'off' ? [] : [{ bus, processes: 2, simulated: SIMULATED }]),
]);

const options = readOptions(process.argv.slice(2));
await ensureBuilt(server);
warnWhenBusy();
const children = new Children();
const model = await children.start(resolve('bench/speed/load/upstream.ts'), '.', {});
const lines: string[][] = [];
for (const plan of PLAN) {
  const { bus, processes, simulated } = plan;
  if (options.only.length > 0 && !options.only.includes(bus)) continue;
  const name = simulated === 0 ? `${processes}` : `${processes}, and ${simulated} that listen`;
  try {
    const { p50, p99, cpuMicros, errors } = await measureProcesses({ children, modelPort: model.port }, plan);
    const figures = [`${shortNumber(p50)} ms`, `${shortNumber(p99)} ms`, `${shortNumber(cpuMicros)} µs`];
    lines.push([TITLES[bus], name, ...figures, String(errors)]);
    console.warn(lines.at(-1)?.join('  '));
  } catch (error) {
    // The service is missing, or has too few connections: the other rows are still useful.
    console.warn(`${TITLES[bus]}, ${name}: ${String(error)}`);
  }
}
await model.end();

const headings = ['bus', 'processes', 'later, p50', 'later, p99', 'CPU a delivered token', 'errors'];
const figures = `${machine()}\n\n${markdownTable(headings, lines)}`;
console.log(`\n${figures}`);
if (options.write) await writeFigures('processes', figures);
