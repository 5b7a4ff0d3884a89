import 'reflect-metadata';
import { resolve } from 'node:path';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../config/read-config.js';
import { ENTITIES } from '../schema.js';
import { DatabaseRefused } from './database-refused.js';
import { restore } from './backup/restore.js';
import { answerAtTerminal } from './backup/terminal.js';

/** `npm run db:restore FILE`: replaces the database by a backup, keeps the old one, and prints its path. */
await answerAtTerminal(async () => {
  const [given, ...more] = process.argv.slice(2);
  if (given === undefined || more.length > 0) throw new DatabaseRefused('Usage: npm run db:restore FILE');
  const schema = { entities: ENTITIES, migrations: MIGRATIONS };
  const { kept } = await restore(readConfig(process.env), schema, resolve(given));
  const before = kept === undefined ? '' : ` What was there before is kept in ${kept}.`;
  return `The database is what it was when ${given} was made.${before}`;
});
