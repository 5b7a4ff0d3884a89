/** SQLite's result codes, of which the extended ones begin with the plain ones. https://sqlite.org/rescode.html */
const SQLITE_CONFLICT = ['SQLITE_BUSY', 'SQLITE_LOCKED'];
const SQLITE_UNAVAILABLE = ['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_NOMEM'];

/** PostgreSQL's SQLSTATE. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const POSTGRES_CONFLICT = ['40001', '40P01', '55P03'];
const POSTGRES_UNAVAILABLE = ['08', '25006', '53', '57P', '58'];
const DUPLICATE_KEY = new Set<unknown>(['SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE', '23505']);
const NETWORK = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'];

/**
 * What an error of the driver means for the caller: `conflict` passes when tried again, `unavailable` passes when
 * somebody mends the database, everything else is a mistake in this program.
 */
export function classifyDatabaseError(error: unknown): 'conflict' | 'unavailable' | 'other' {
  for (let cause = error; isObject(cause); cause = cause['cause']) {
    const code = typeof cause['code'] === 'string' ? cause['code'] : '';
    const startsWith = (prefix: string): boolean => code.startsWith(prefix);
    if ([...SQLITE_CONFLICT, ...POSTGRES_CONFLICT].some(startsWith)) return 'conflict';
    if ([...SQLITE_UNAVAILABLE, ...POSTGRES_UNAVAILABLE, ...NETWORK].some(startsWith)) return 'unavailable';
    if (/connection (terminated|error|closed)/i.test(String(cause['message']))) return 'unavailable';
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
