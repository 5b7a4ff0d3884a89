/**
 * Ten thousand open sockets on one process, and 300 simultaneous answers on three.
 *
 *     node bench/sockets.bench.ts [--sockets 10000] [--write]
 *
 * PostgreSQL at TEST_DATABASE_URL, and Redis at TEST_REDIS_URL or redis://127.0.0.1:6379, are measured if they answer.
 * The limit of open files must be above the number of sockets: each takes one file here and one in the server.
 */
import { resolve } from 'node:path';
import { createTestDatabase } from '../backend/test/support/test-database.ts';
import { ensureBuilt } from '../scripts/build.ts';
import { server } from '../scripts/outputs.ts';
import { hasPostgres, POSTGRES } from './speed/parts/other-process.part.ts';
import { readOptions } from './speed/options.ts';
import { measureProcesses } from './speed/processes.ts';
import { writeFigures } from './speed/report/bench-page.ts';
import { machine, warnWhenBusy } from './speed/report/machine.ts';
import { markdownTable, shortNumber } from './speed/report/result-table.ts';
import { measureSockets, type SocketsResult } from './speed/sockets.ts';
import { Children } from './speed/systems/children.ts';

const SPREAD = { processes: 3, answers: 300, simulated: 0 };

const percent = (share: number): string => `${shortNumber(share * 100)} %`;
const ms = (value: number): string => `${shortNumber(value)} ms`;
const ROWS: readonly (readonly [string, (result: SocketsResult) => string])[] = [
  ['to connect and subscribe all', ({ openSeconds }) => `${shortNumber(openSeconds)} s`],
  ['the same, CPU a socket', ({ openCpuMs }) => ms(openCpuMs)],
  ['memory a socket', ({ bytesPerSocket }) => `${shortNumber(bytesPerSocket / 1024)} KB`],
  ['idle, CPU of a core', ({ idleCore }) => percent(idleCore)],
  ['1 % active, CPU of a core', ({ activeCore }) => percent(activeCore)],
  ['latency of a token there, p50', ({ p50 }) => ms(p50)],
  ['the same, p99', ({ p99 }) => ms(p99)],
  ['errors', ({ errors }) => String(errors)],
];

const options = readOptions(process.argv.slice(2), { sockets: 10_000 });
await ensureBuilt(server);
warnWhenBusy();
const children = new Children();
const model = await children.start(resolve('bench/speed/load/upstream.ts'), '.', {});
const surroundings = { children, modelPort: model.port };
const withPostgres = await hasPostgres();
if (!withPostgres) console.warn('No PostgreSQL answers: only SQLite is measured.');

const columns = new Map<string, SocketsResult>();
for (const [name, address] of [
  ['SQLite', null] as const,
  ...(withPostgres ? [['PostgreSQL', POSTGRES] as const] : []),
]) {
  const database = await createTestDatabase(address);
  const result = await measureSockets(surroundings, { database, sockets: options.sockets });
  columns.set(name, result);
  if (result.problem !== undefined) console.warn(`${name}: ${result.problem}`);
}
const lines = ROWS.map(([title, cell]) => [title, ...[...columns.values()].map(cell)]);
const count = options.sockets.toLocaleString('en');
const tables = [markdownTable([`${count} sockets, one process`, ...columns.keys()], lines)];

if (withPostgres) {
  const spread: string[][] = [];
  for (const [title, bus] of [['NOTIFY', 'notify'] as const, ['Redis', 'redis'] as const]) {
    try {
      const { near50, near99, p50, p99, cpuMicros, errors } = await measureProcesses(surroundings, { bus, ...SPREAD });
      spread.push([title, ms(near50), ms(near99), ms(p50), ms(p99), `${shortNumber(cpuMicros)} µs`, String(errors)]);
    } catch (error) {
      // The service is missing: the other rows are still useful.
      console.warn(`${title}: ${String(error)}`);
    }
  }
  const headings = [
    '300 replies, three processes',
    'own tab, p50',
    'p99',
    'other tabs later, p50',
    'p99',
    'CPU a delivered token',
    'errors',
  ];
  tables.push(markdownTable(headings, spread));
}
await model.end();

const figures = `${machine()}\n\n${tables.join('\n\n')}`;
console.log(`\n${figures}`);
if (options.write) await writeFigures('sockets', figures);
