/** Explanations of the error codes of the system and of SQLite, for operators. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'the user that runs this has no right to it',
  EPERM: 'the user that runs this has no right to it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  ENOENT: 'it does not exist and cannot be created',
  ENOTDIR: 'a part of the path is a file where a folder should be',
  EEXIST: 'it is a file where a folder should be',
  EISDIR: 'it is a folder where a file should be',
  ELOOP: 'the links in the path lead in a circle',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk reports an error',
  EBUSY: 'another program holds it',
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'it is read-only',
  SQLITE_CANTOPEN: 'it, or a file beside it, cannot be opened',
  SQLITE_PERM: 'the user that runs this has no right to it',
  SQLITE_IOERR: 'the disk reports an error',
  SQLITE_BUSY: 'another program holds it',
  SQLITE_LOCKED: 'another program holds it',
  SQLITE_PROTOCOL: 'another program holds it',
  SQLITE_NOTADB: 'it is not a SQLite database',
  SQLITE_CORRUPT: 'it is damaged',
  SQLITE_NOMEM: 'there is not enough memory',
};

/** Why a file could not be used, as the end of a sentence; `undefined` for errors that are not about a file. */
export function systemReason(error: unknown): string | undefined {
  const code = codeOf(error);
  // SQLite's extended codes begin with the plain ones.
  return REASONS[code] ?? REASONS[code.split('_', 2).join('_')];
}

/** The path in an error of the system; `undefined` without one. */
export const pathOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'path' in error && typeof error.path === 'string'
    ? error.path
    : undefined;

/** The code of an error or of one of its causes; empty without one. */
export function codeOf(error: unknown): string {
  for (let cause = error; typeof cause === 'object' && cause !== null;) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
    cause = 'cause' in cause ? cause.cause : undefined;
  }
  return '';
}
