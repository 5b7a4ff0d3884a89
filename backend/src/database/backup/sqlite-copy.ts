import Database from 'better-sqlite3';

/*
 * The work of a backup that takes long. It imports no other file of the program, so that a thread can run it without
 * compilation under Jest.
 */

/** SQLite's online backup: the target gets a consistent copy of the source, or stays unchanged. */
export async function copySqlite(from: string, to: string): Promise<void> {
  const source = new Database(from, { readonly: true, fileMustExist: true });
  try {
    // Within a read transaction, because otherwise the backup restarts whenever the server writes.
    source.exec('begin');
    source.prepare('select count(*) from sqlite_schema').get();
    await source.backup(to);
  } finally {
    source.close();
  }
}

/**
 * Makes a copy self-contained, without a WAL file beside it, and checks it.
 * @returns `ok`, or the first problem
 */
export function sealCopy(path: string): string {
  const copy = new Database(path, { fileMustExist: true });
  try {
    copy.pragma('journal_mode = delete');
    return integrityOf(copy);
  } finally {
    copy.close();
  }
}

/** `ok`, or the first problem of a database. */
export const integrityOf = (database: Database.Database): string =>
  String(database.pragma('integrity_check(1)', { simple: true }));
