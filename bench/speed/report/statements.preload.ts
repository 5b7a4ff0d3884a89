/**
 * Loaded into the server before its own code: counts SQLite statements, and writes the counts to the file
 * `BENCH_REPORT` at each `SIGUSR2`. Statements of worker threads are not counted.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type BetterSqlite from 'better-sqlite3';

export interface StatementCounts {
  readonly statements: number;
  /** Commits of transactions that wrote. */
  readonly commits: number;
}

type Method = (this: BetterSqlite.Statement, ...args: unknown[]) => unknown;
type Prototype = Record<string, Method>;

const counts = { statements: 0, commits: 0 };
const dirty = new WeakSet<BetterSqlite.Database>();

/** Records an executed statement, by its effect on the transaction of the connection. */
function note({ database, source, readonly }: BetterSqlite.Statement, wasInTransaction: boolean): void {
  counts.statements += 1;
  if (!readonly && !/^\s*begin/i.test(source)) dirty.add(database);
  if (database.inTransaction) return;
  if (dirty.has(database) && !(wasInTransaction && /^\s*rollback/i.test(source))) counts.commits += 1;
  dirty.delete(database);
}

function count(prototype: Prototype): void {
  for (const name of ['run', 'get', 'all', 'iterate']) {
    const method = prototype[name];
    if (!method) continue;
    prototype[name] = function (...args) {
      const wasInTransaction = this.database.inTransaction;
      try {
        return method.apply(this, args);
      } finally {
        note(this, wasInTransaction);
      }
    };
  }
}

// Resolved from the server's folder, so that it is the same module that the server loads.
const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite;
const connection = new Database(':memory:');
count(Object.getPrototypeOf(connection.prepare('select 1')) as Prototype);
connection.close();

if (isMainThread) {
  process.on('SIGUSR2', () => {
    const report = process.env['BENCH_REPORT'] ?? '';
    writeFileSync(`${report}.new`, JSON.stringify(counts satisfies StatementCounts));
    renameSync(`${report}.new`, report);
    Object.assign(counts, { statements: 0, commits: 0 });
  });
}
