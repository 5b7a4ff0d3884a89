import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { FakePostgres, refusal } from '../start/fake-postgres.js';
import { lossyPooler } from './fake-services.js';
import type { Case, Stage } from './stage.js';

/** Mistakes in the configuration, the folders and the database. */
export const ownCases = (stage: Stage): readonly Case[] => [
  [
    'a misspelled variable',
    () => ({ OPENAI_API_KYE: 'sk-secret-word' }),
    'config_misspelled',
    /OPENAI_API_KYE.*Rename it to OPENAI_API_KEY/,
  ],
  [
    'a value that is invalid',
    () => ({ PORT: '70000' }),
    'config_invalid',
    /^PORT: takes a whole number from 0 to 65535\./,
  ],
  [
    'a secret that is too short',
    () => ({ APP_SECRET: 'short' }),
    'config_invalid',
    /^APP_SECRET: takes 32 characters or more\./,
  ],
  ['half a sign-in', () => ({ GOOGLE_CLIENT_ID: 'id' }), 'config_invalid', /GOOGLE_CLIENT_SECRET: is missing/],
  [
    'a sign-in without a provider on the network',
    () => ({ HOST: '0.0.0.0' }),
    'config_invalid',
    /^HOST: 0\.0\.0\.0 lets other machines in/,
  ],
  [
    'Redis beside SQLite',
    () => ({ REDIS_URL: 'redis://localhost' }),
    'config_invalid',
    /^REDIS_URL: is for several processes on PostgreSQL/,
  ],
  [
    'a wrong password of the database',
    async () => {
      const said = refusal('28P01', 'password authentication failed for user "lockstep"');
      return {
        DATABASE_URL: (await stage.kept(FakePostgres.start((socket) => socket.once('data', () => socket.end(said)))))
          .url,
      };
    },
    'database_unusable',
    /does not let "lockstep" in.*Correct user and password in DATABASE_URL/,
  ],
  [
    'a wrong host of the database',
    () => ({ DATABASE_URL: 'postgresql://a:secret-word@no-such-host.invalid/chat' }),
    'database_unusable',
    /^DATABASE_URL: there is no host of the name "no-such-host\.invalid"/,
  ],
  [
    'a pooler that loses notifications',
    async () => ({ DATABASE_URL: (await stage.kept(lossyPooler())).url }),
    'notifications_lost',
    /^DATABASE_URL: notifications .* do not arrive.*LISTEN_DATABASE_URL/,
  ],
  [
    'a database of a newer version',
    () => ({
      DATABASE_URL: stage.copied((database) =>
        database.exec("insert into migrations (name) values ('29990101-future')"),
      ),
    }),
    'migrations_newer',
    /newer version of Lockstep.*29990101-future/,
  ],
  [
    'a file that is no database',
    () => {
      const path = join(stage.folder, 'diary.db');
      writeFileSync(path, 'Dear diary, '.repeat(1_000));
      return { DATABASE_URL: `sqlite:${path}` };
    },
    'database_unusable',
    /diary\.db cannot be used: it is not a SQLite database/,
  ],
  [
    'a data folder that is a file',
    () => {
      writeFileSync(join(stage.folder, 'data'), '');
      return { DATA_DIR: join(stage.folder, 'data') };
    },
    'folder_unusable',
    /^DATA_DIR: .*data cannot be used: it is a file where a folder should be/,
  ],
  [
    'a port that another program uses',
    async () => {
      const other = createServer((socket) => socket.end('220 mail\r\n')).listen(0, '127.0.0.1');
      await once(other, 'listening');
      stage.open.push({ [Symbol.asyncDispose]: async () => void other.close() });
      const address = other.address();
      return { PORT: String(typeof address === 'object' && address ? address.port : '') };
    },
    'port_unusable',
    /^Port \d+ of 127\.0\.0\.1 is taken/,
  ],
  [
    'a server with another configuration',
    () => ({ MAX_RUNS_PER_USER: '3' }),
    'server_differs',
    /another MAX_RUNS_PER_USER than/,
  ],
];
