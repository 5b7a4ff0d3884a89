import { statement } from '../sql/statement.js';

/** Takes SQLite's write lock at once, so that the data read in the transaction are still current when it writes. */
export const BEGIN = statement({ sqlite: 'begin immediate', postgresql: 'begin' });
/** Does not wait for writers, and works while the disk is full or the file is read-only. */
export const BEGIN_READING = statement('begin');
export const COMMIT = statement('commit');
export const ROLLBACK = statement('rollback');
