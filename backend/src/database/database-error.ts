/** SQLite's result codes, of which the extended ones begin with the plain ones. https://sqlite.org/rescode.html */
const SQLITE_CONFLICT = ['SQLITE_BUSY', 'SQLITE_LOCKED'];
const SQLITE_UNAVAILABLE = ['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_NOMEM'];

/** PostgreSQL's SQLSTATE. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const POSTGRES_CONFLICT = ['40001', '40P01', '55P03'];
const POSTGRES_UNAVAILABLE = ['08', '25006', '53', '57P', '58'];
/** A statement or a transaction that took longer than it may: undone, and soon possible again. */
const POSTGRES_TOO_LONG = ['57014', '25P03', '25P04'];
/** A message that PostgreSQL cannot read: of the connection by its class, but the fault of the statement. */
const POSTGRES_PROTOCOL_VIOLATION = '08P01';
/** What node-postgres says itself, without a code, of a connection that is gone, or cannot be had in time. */
const CONNECTION_GONE =
  /^(Connection terminated|Client was closed|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired)/i;
const DUPLICATE_KEY = new Set<unknown>(['SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE', '23505']);
const NETWORK = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'];
const UNAVAILABLE = [...SQLITE_UNAVAILABLE, ...POSTGRES_UNAVAILABLE, ...POSTGRES_TOO_LONG, ...NETWORK];

/**
 * What an error of the driver means for the caller: `conflict` passes when tried again, `unavailable` passes when
 * somebody mends the database, everything else is a mistake in this program.
 */
export function classifyDatabaseError(error: unknown): 'conflict' | 'unavailable' | 'other' {
  for (let cause = error; isObject(cause); cause = cause['cause']) {
    const code = typeof cause['code'] === 'string' ? cause['code'] : '';
    if (code === POSTGRES_PROTOCOL_VIOLATION) return 'other';
    const startsWith = (prefix: string): boolean => code.startsWith(prefix);
    if ([...SQLITE_CONFLICT, ...POSTGRES_CONFLICT].some(startsWith)) return 'conflict';
    if (UNAVAILABLE.some(startsWith)) return 'unavailable';
    // Errors with a code quote what was refused, which may be any text.
    if (code === '' && CONNECTION_GONE.test(String(cause['message']))) return 'unavailable';
  }
  return 'other';
}

/** Whether a row could not be written because another one has its key. */
export function isDuplicateKey(error: unknown): boolean {
  for (let cause = error; isObject(cause); cause = cause['cause']) {
    if (DUPLICATE_KEY.has(cause['code'])) return true;
  }
  return false;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
