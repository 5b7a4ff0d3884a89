import 'reflect-metadata';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WrongUsage } from '../common/command-refused.js';
import { ROLES } from '../protocol/index.js';
import { UserDirectory } from '../users/admin/user-directory.js';
import { besideServer } from './beside-server.js';
import { oneOf, readArguments, runProgram } from './program.js';
import { asJson, asTable, listUsers } from './user-rows.js';

const USAGE = `Usage: npm run --silent user:list -- [--json] [--role ROLE] [--disabled | --enabled] [--search TEXT]

Lists the accounts, the newest first.

  --json         a JSON array, with the fields of GET /api/admin/users; times are milliseconds since 1970
  --role ROLE    only accounts with this role: ${ROLES.join(', ')}
  --disabled     only disabled accounts
  --enabled      only accounts that are not disabled
  --search TEXT  only accounts with this text in the name or the e-mail address`;

await runProgram(USAGE, async (args) => {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const options = { json: flag, role: text, disabled: flag, enabled: flag, search: text };
  const { values, positionals } = readArguments({ args, options });
  if (positionals.length > 0) throw new WrongUsage(`"${positionals.join(' ')}" is too much: use --search.`);
  if (values.disabled && values.enabled) throw new WrongUsage('Of --disabled and --enabled only one is possible.');
  const filter = {
    role: values.role === undefined ? undefined : oneOf(ROLES, values.role, 'role'),
    disabled: values.disabled || values.enabled ? values.disabled : undefined,
    q: values.search,
  };
  await besideServer(process.env, async ({ database }) => {
    const users = listUsers(new UserDirectory(database), filter);
    await pipeline(Readable.from(values.json ? asJson(users) : asTable(users)), process.stdout, { end: false });
  });
});
