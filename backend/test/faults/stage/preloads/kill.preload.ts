import { Socket } from 'node:net';
import process from 'node:process';
import Database from 'better-sqlite3';

/*
 * Loaded into a program before its own code (`--import`): `kill -9` before the statement with the number KILL_AT,
 * counted over all statements to SQLite and all writes to PostgreSQL. KILL_WITH names another signal.
 */

const killAt = Number(process.env['KILL_AT']);
const signal = process.env['KILL_WITH'] ?? 'SIGKILL';
let count = 0;

function next(): void {
  count += 1;
  if (count !== killAt) return;
  process.stderr.write(`${signal} at statement ${count}\n`);
  process.kill(process.pid, signal);
}

type Methods = Record<string, (...values: unknown[]) => unknown>;

function watch(methods: object, names: readonly string[], counts: (self: unknown) => boolean = () => true): void {
  for (const name of names) {
    const original = (methods as Methods)[name];
    if (!original) continue;
    (methods as Methods)[name] = function watched(this: unknown, ...values: unknown[]): unknown {
      if (counts(this)) next();
      return original.apply(this, values);
    };
  }
}

const memory = new Database(':memory:');
watch(Object.getPrototypeOf(memory.prepare('select 1')) as object, ['run', 'all', 'get']);
memory.close();
watch(Database.prototype, ['exec']);
// Standard output may be a socket too.
watch(Socket.prototype, ['write'], (socket) => socket instanceof Socket && socket.remotePort !== undefined);
process.on('exit', () => process.stderr.write(`${count} statements\n`));
