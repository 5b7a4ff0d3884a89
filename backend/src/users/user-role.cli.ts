import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { MIGRATIONS } from '../../migrations/index.js';
import type { DatabaseConfig } from '../config/config.js';
import { ConfigError, readConfig } from '../config/read-config.js';
import { connect } from '../database/connect.js';
import { Database } from '../database/database.js';
import { DatabaseRefused } from '../database/database-refused.js';
import { checkSchema } from '../database/migrating/migrate.js';
import { ChatError } from '../protocol/index.js';
import { ENTITIES } from '../schema.js';
import { EventLog } from '../streams/log/event-log.js';
import { CommandRefused, setRole } from './admin/role-command.js';
import { UsersService } from './users.service.js';

/*
 * Can run beside a server: the change is an ordinary transaction, and the server finds the new events in the log. So it
 * neither migrates the database nor takes the lock against a second server.
 */
async function run(config: DatabaseConfig): Promise<string> {
  if (config.kind === 'sqlite' && !existsSync(config.path)) {
    throw new CommandRefused(`There is no database at ${config.path}. Start the server once, and sign in.`);
  }
  const orm = await connect(config, { entities: ENTITIES, migrations: MIGRATIONS });
  try {
    await checkSchema(orm);
    const database = new Database(orm);
    await database.startClock();
    const log = new EventLog(database);
    return await setRole(new UsersService(database, log), process.argv.slice(2));
  } finally {
    await orm.close();
  }
}

try {
  console.log(await run(readConfig(process.env).database));
} catch (error) {
  const expected = [CommandRefused, ConfigError, ChatError, DatabaseRefused];
  const isExpected = error instanceof Error && expected.some((kind) => error instanceof kind);
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
}
