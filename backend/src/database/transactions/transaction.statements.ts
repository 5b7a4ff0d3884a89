import { statement } from '../sql/statement.js';

/** Takes SQLite's write lock at once, so that what is read here still holds when it is written. */
export const BEGIN = statement({ sqlite: 'begin immediate', postgresql: 'begin' });
/** Does not wait for writers, and goes on while the disk is full or the file read-only. */
export const BEGIN_READING = statement('begin');
export const COMMIT = statement('commit');
export const ROLLBACK = statement('rollback');
