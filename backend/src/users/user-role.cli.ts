import 'reflect-metadata';
import { besideServer } from '../commands/beside-server.js';
import { readArguments, runProgram } from '../commands/program.js';
import { ROLES } from '../protocol/index.js';
import { setRole } from './admin/role-command.js';
import { UsersService } from './users.service.js';

const USAGE = `Usage: npm run user:role -- EMAIL ROLE

Gives an account a role, also while the server runs: open tabs follow at once.

  EMAIL  the address of the account, or its id if several accounts have the address
  ROLE   ${ROLES.join(', ')}`;

await runProgram(USAGE, async (args) => {
  const { positionals } = readArguments({ args, options: {} });
  const said = await besideServer(process.env, ({ database, log }) =>
    setRole(new UsersService(database, log), positionals),
  );
  process.stdout.write(`${said}\n`);
});
