import 'reflect-metadata';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../config/read-config.js';
import { connect } from './connect.js';
import { Meta } from './meta.entity.js';
import { migrate } from './migrating/migrate.js';
import { answerAtTerminal } from './backup/terminal.js';

/** `npm run db:migrate`: migrates the schema and prints what it did. The server does the same when it starts. */
await answerAtTerminal(async () => {
  const config = readConfig(process.env);
  // Migrations need no entities; only the epoch is written through one.
  const orm = await connect(config.database, { entities: [Meta], migrations: MIGRATIONS });
  try {
    const names = await migrate(orm, config);
    return names.length === 0 ? 'The database is up to date.' : `Carried out: ${names.join(', ')}.`;
  } finally {
    await orm.close();
  }
});
