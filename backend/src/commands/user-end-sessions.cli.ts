import 'reflect-metadata';
import { endSessionsOf } from '../auth/sessions/end-sessions.js';
import { RefreshTokens } from '../auth/sessions/refresh-tokens.js';
import { Sessions } from '../auth/sessions/sessions.js';
import { findAccount } from '../users/admin/role-command.js';
import { UsersService } from '../users/users.service.js';
import { besideServer } from './beside-server.js';
import { onlyArgument, readArguments, runProgram } from './program.js';

const USAGE = `Usage: npm run user:end-sessions -- EMAIL

Ends all sessions of an account: its browsers are signed out, and its open tabs close their connections within two
seconds. Access tokens for programs stay; disable the account to end them too.

  EMAIL  the address of the account, or its id if several accounts have the address`;

await runProgram(USAGE, async (args) => {
  const account = onlyArgument(readArguments({ args, options: {} }).positionals, 'EMAIL');
  const said = await besideServer(process.env, async ({ config, database, log }) => {
    const { id: userId, name, email } = await findAccount(new UsersService(database, log), account);
    const sessions = new Sessions(database, log, new RefreshTokens(config));
    const count = await log.write((transaction) => endSessionsOf(transaction, sessions, { actorId: null, userId }));
    return count === 0 ? `${name} <${email}> has no sessions.` : `Ended ${count} sessions of ${name} <${email}>.`;
  });
  process.stdout.write(`${said}\n`);
});
