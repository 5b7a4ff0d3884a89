import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/*
 * The thread of a reader: runs one statement after the other on a connection of its own. Nothing of the program is
 * imported here, so that the thread starts quickly, and as it stands under Jest.
 */

/** What the thread is started with. */
export interface ReaderOptions {
  readonly path: string;
  readonly synchronous: 'normal' | 'full';
}

/** A statement to be run. */
interface StatementQuestion {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Whether a transaction begins with it: by itself that would be one more way there and back. */
  readonly begins: boolean;
}

/** `end` ends the transaction and is not answered, `close` ends the thread. */
export type ReaderQuestion = StatementQuestion | 'end' | 'close';

/** Answers come in the order of the questions. */
export type ReaderAnswer =
  | { readonly rows: readonly unknown[] }
  | { readonly error: { readonly message: string; readonly code: string | undefined } };

/** Prepared statements that are kept. */
const MAX_STATEMENTS = 100;
/** Readers do not wait for writers, but for a moment while a log is recovered or begins anew. */
const BUSY_TIMEOUT_MS = 1_000;

/** By how much the thread is nicer than the event loop, and the nicest there is. */
const [NICER, NICEST] = [10, 19];

const port = parentPort;
if (!port) throw new Error('This file is the thread of a reader');
const { path, synchronous } = workerData as ReaderOptions;
// Where there are fewer cores than threads with work, tokens go before searches. Linux alone gives a thread its own
// priority: elsewhere this would be the whole process's.
if (process.platform === 'linux') setPriority(0, Math.min(getPriority(0) + NICER, NICEST));
const database = new Database(path, { fileMustExist: true });
database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
// What a checkpoint flushes follows this setting of the connection that makes it.
database.pragma(`synchronous = ${synchronous}`);
// A file that was opened for reading alone takes no checkpoints.
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

/** A text without places for values has them written into it, and will hardly come again. */
function prepare(sql: string): Database.Statement {
  const known = prepared.get(sql);
  if (known) return known;
  const statement = database.prepare(sql);
  if (!sql.includes('?')) return statement;
  if (prepared.size >= MAX_STATEMENTS) prepared.delete(prepared.keys().next().value ?? '');
  prepared.set(sql, statement);
  return statement;
}
