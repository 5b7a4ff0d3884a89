import { statement } from './statement.js';

/** Takes SQLite's write lock at once, so that what is read here still holds when it is written. */
export const BEGIN = statement({ sqlite: 'begin immediate', postgresql: 'begin' });
export const COMMIT = statement('commit');
export const ROLLBACK = statement('rollback');
