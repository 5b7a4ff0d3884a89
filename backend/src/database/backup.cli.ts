import 'reflect-metadata';
import { constants, setPriority } from 'node:os';
import { resolve } from 'node:path';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../config/read-config.js';
import { ENTITIES } from '../schema.js';
import { backUp } from './backup/backup.js';
import { DatabaseRefused } from './database-refused.js';
import { answerAtTerminal } from './backup/terminal.js';

/** `npm run db:backup [FILE]`: copies the database, also while servers run, and prints the path of the copy. */
await answerAtTerminal(async () => {
  const [given, ...more] = process.argv.slice(2);
  if (more.length > 0) throw new DatabaseRefused('Usage: npm run db:backup [FILE]');
  // With a low priority, so that a server on a busy machine is not slowed down.
  setPriority(constants.priority.PRIORITY_LOW);
  const schema = { entities: ENTITIES, migrations: MIGRATIONS };
  const { file, size } = await backUp(readConfig(process.env), schema, given && resolve(given));
  return `The database is backed up and checked: ${file} (${(size / 1_000_000).toFixed(1)} MB).`;
});
