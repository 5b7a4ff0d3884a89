import { existsSync } from 'node:fs';
import { MIGRATIONS } from '../../migrations/index.js';
import { CommandRefused } from '../common/command-refused.js';
import type { Config } from '../config/config.js';
import { readConfig } from '../config/read-config.js';
import { connect } from '../database/connect.js';
import { Database } from '../database/database.js';
import { checkSchema } from '../database/migrating/migrate.js';
import { ENTITIES } from '../schema.js';
import { EventLog } from '../streams/log/event-log.js';

/** What a command-line program works with. */
export interface Installation {
  readonly config: Config;
  readonly database: Database;
  readonly log: EventLog;
}

/**
 * Opens the database of this installation for a command-line program, and closes it afterwards. A server may run: a
 * change is an ordinary transaction, and the server finds its events in the log. So this neither migrates the database nor
 * takes the lock against a second server.
 *
 * @throws CannotStart when there is no database, or one of another version
 */
export async function besideServer<T>(
  env: NodeJS.ProcessEnv,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const config = readConfig(env);
  if (config.database.kind === 'sqlite' && !existsSync(config.database.path)) {
    throw new CommandRefused(`There is no database at ${config.database.path}. Start the server once, and sign in.`);
  }
  const orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
  const database = new Database(orm);
  try {
    await checkSchema(orm);
    if ((await orm.migrator.getPending()).length > 0) {
      throw new CommandRefused(
        'The database belongs to an earlier version. Start the server, or run npm run db:migrate.',
      );
    }
    await database.startClock();
    return await work({ config, database, log: new EventLog(database) });
  } finally {
    await database.close();
  }
}
