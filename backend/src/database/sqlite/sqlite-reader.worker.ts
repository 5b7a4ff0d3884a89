import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/*
 * The thread of a reader: runs statements one after another on its own connection. It imports no other file of the
 * program, so that it starts quickly, and runs without compilation under Jest.
 */

/** The `workerData` of the thread. */
export interface ReaderOptions {
  readonly path: string;
  readonly synchronous: 'normal' | 'full';
}

/** A statement to run. */
interface StatementQuestion {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Whether to start a transaction first; a separate message would be another round trip. */
  readonly begins: boolean;
}

/** `end` ends the transaction and has no answer, `close` ends the thread. */
export type ReaderQuestion = StatementQuestion | 'end' | 'close';

/** Answers come in the order of the questions. */
export type ReaderAnswer =
  | { readonly rows: readonly unknown[] }
  | { readonly error: { readonly message: string; readonly code: string | undefined } };

/** The number of cached prepared statements. */
const MAX_STATEMENTS = 100;
/** Readers do not wait for writers, only for a moment while the WAL is recovered or reset. */
const BUSY_TIMEOUT_MS = 1_000;

/** The increase of the thread's nice value over that of the process, and the highest nice value. */
const [NICER, NICEST] = [10, 19];

const port = parentPort;
if (!port) throw new Error('This file is the thread of a reader');
const { path, synchronous } = workerData as ReaderOptions;
// On a busy machine tokens have priority over searches. Only Linux has priorities of threads: elsewhere this would
// change the priority of the whole process.
if (process.platform === 'linux') setPriority(0, Math.min(getPriority(0) + NICER, NICEST));
const database = new Database(path, { fileMustExist: true });
database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
// Checkpoints are made with this setting of their connection.
database.pragma(`synchronous = ${synchronous}`);
// Not opened as read-only, because such a connection cannot make checkpoints.
database.pragma('query_only = on');
const prepared = new Map<string, Database.Statement>();

port.on('message', (question: ReaderQuestion) => {
  if (question === 'close') {
    database.close();
    port.close();
  } else if (question === 'end') {
    if (database.inTransaction) database.exec('commit');
  } else {
    port.postMessage(answer(question));
  }
});

function answer({ sql, values, begins }: StatementQuestion): ReaderAnswer {
  try {
    if (begins) database.exec('begin');
    const statement = prepare(sql);
    if (statement.reader) return { rows: statement.all(...values) };
    statement.run(...values);
    return { rows: [] };
  } catch (error) {
    const { message, code } = error as { readonly message: string; readonly code?: string };
    return { error: { message, code } };
  }
}

/** Prepares a statement; texts without placeholders are rarely repeated and not cached. */
function prepare(sql: string): Database.Statement {
  const known = prepared.get(sql);
  if (known) return known;
  const statement = database.prepare(sql);
  if (!sql.includes('?')) return statement;
  if (prepared.size >= MAX_STATEMENTS) prepared.delete(prepared.keys().next().value ?? '');
  prepared.set(sql, statement);
  return statement;
}
