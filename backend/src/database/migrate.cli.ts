import 'reflect-metadata';
import { MIGRATIONS } from '../../migrations/index.js';
import { readConfig } from '../config/read-config.js';
import { connect } from './connect.js';
import { Meta } from './meta.entity.js';
import { migrate } from './migrating/migrate.js';
import { answerAtTerminal } from './backup/terminal.js';

/** `npm run db:migrate`: brings the schema up to date and says what it did. The server does the same at its start. */
await answerAtTerminal(async () => {
  const config = readConfig(process.env);
  // Migrations know their tables by themselves; the epoch alone is written through an entity.
  const orm = await connect(config.database, { entities: [Meta], migrations: MIGRATIONS });
  try {
    const names = await migrate(orm, config);
    return names.length === 0 ? 'The database is up to date.' : `Carried out: ${names.join(', ')}.`;
  } finally {
    await orm.close();
  }
});
