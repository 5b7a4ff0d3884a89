/** SQLite's result codes; extended codes start with the primary ones. https://sqlite.org/rescode.html */
const SQLITE_CONFLICT = ['SQLITE_BUSY', 'SQLITE_LOCKED'];
const SQLITE_UNAVAILABLE = ['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_NOMEM'];

/** PostgreSQL's SQLSTATE. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const POSTGRES_CONFLICT = ['40001', '40P01', '55P03'];
const POSTGRES_UNAVAILABLE = ['08', '25006', '53', '57P', '58'];
/** A statement or transaction exceeded its time limit: it was rolled back, and may succeed later. */
const POSTGRES_TOO_LONG = ['57014', '25P03', '25P04'];
/** PostgreSQL cannot parse a message: the class is that of connection errors, but the cause is the statement. */
const POSTGRES_PROTOCOL_VIOLATION = '08P01';
/** Messages of node-postgres itself, without a code, for a lost connection or a connection timeout. */
const CONNECTION_GONE =
  /^(Connection terminated|Client was closed|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired)/i;
const DUPLICATE_KEY = new Set<unknown>(['SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE', '23505']);
const NETWORK = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'];
const UNAVAILABLE = [...SQLITE_UNAVAILABLE, ...POSTGRES_UNAVAILABLE, ...POSTGRES_TOO_LONG, ...NETWORK];

/**
 * Classifies an error of the driver: after a `conflict` a retry may succeed, `unavailable` passes when the database is
 * available again, everything else is a bug in this program.
 */
export function classifyDatabaseError(error: unknown): 'conflict' | 'unavailable' | 'other' {
  for (let cause = error; isObject(cause); cause = cause['cause']) {
    const code = typeof cause['code'] === 'string' ? cause['code'] : '';
    if (code === POSTGRES_PROTOCOL_VIOLATION) return 'other';
    const startsWith = (prefix: string): boolean => code.startsWith(prefix);
    if ([...SQLITE_CONFLICT, ...POSTGRES_CONFLICT].some(startsWith)) return 'conflict';
    if (UNAVAILABLE.some(startsWith)) return 'unavailable';
    // Only without a code: messages of other errors quote the refused value, which may be any text.
    if (code === '' && CONNECTION_GONE.test(String(cause['message']))) return 'unavailable';
  }
  return 'other';
}

/** Whether a row could not be written because another row has the same key. */
export function isDuplicateKey(error: unknown): boolean {
  for (let cause = error; isObject(cause); cause = cause['cause']) {
    if (DUPLICATE_KEY.has(cause['code'])) return true;
  }
  return false;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
