import { codeOf } from '../../config/checks/system-reason.js';
import { LimitedClient } from './limited-client.js';
import { SERVING } from './postgres-limits.js';

/**
 * Tests the connection before the ORM connects: a pool would wait for a server that does not answer, and the ORM would
 * create a missing database, even if its name is only mistyped.
 * @throws the error of PostgreSQL or of the network
 */
export async function askPostgres(url: string, connectMs = SERVING.connectMs): Promise<void> {
  const client = new LimitedClient({ connectionString: url }, { ...SERVING, connectMs });
  // The promise rejects with the same error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.setUp();
  } finally {
    await client.end();
  }
}

/** The parts of the URL for messages, without the password. */
interface Address {
  readonly server: string;
  readonly host: string;
  readonly user: string;
  readonly database: string;
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, and the system's codes for networks. */
const BY_CODE: readonly (readonly [codes: RegExp, sentence: (address: Address, words: string) => string])[] = [
  [
    /^ECONNREFUSED$/,
    ({ server }) => `PostgreSQL does not answer: nothing listens at ${server}. Start it, or correct DATABASE_URL.`,
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, ({ host }) => `DATABASE_URL: there is no host of the name "${host}", or no network.`],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/,
    ({ server }) => `PostgreSQL does not answer at ${server}: the network does not lead there. Is DATABASE_URL right?`,
  ],
  [
    /^(ENOENT|EACCES)$/,
    ({ server }) => `PostgreSQL does not answer: its socket ${server} is not there, or not for this user.`,
  ],
  [
    /^28/,
    ({ server, user }, words) =>
      `PostgreSQL at ${server} does not let "${user}" in: ${words}. Correct user and password in DATABASE_URL.`,
  ],
  [
    /^3D000$/,
    ({ server, database }) =>
      `PostgreSQL at ${server} has no database "${database}". Make it (createdb), or correct DATABASE_URL.`,
  ],
  [
    /^(53300|57P0[1-5])$/,
    ({ server }, words) => `PostgreSQL at ${server} takes no connections at the moment: ${words}. Try again soon.`,
  ],
  [
    /^42501$/,
    ({ user, database }, words) =>
      `PostgreSQL does not let "${user}" make tables in "${database}": ${words}. Make it the owner of the database.`,
  ],
  [/^(53100|53200|58)/, ({ server }, words) => `PostgreSQL at ${server} cannot write: ${words}. Its disk may be full.`],
  [/^25006$/, ({ server }) => `PostgreSQL at ${server} is read-only, because it is a standby. Use the primary.`],
  [
    /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_|EPROTO)/,
    ({ server }, words) =>
      `The connection to PostgreSQL at ${server} cannot be trusted: ${words}. Name its certificate by sslrootcert= in DATABASE_URL.`,
  ],
];

/** Messages of node-postgres without a code. */
const BY_WORDS: typeof BY_CODE = [
  [
    /does not support SSL/,
    ({ server }) => `PostgreSQL at ${server} offers no encryption, and DATABASE_URL asks for it by sslmode.`,
  ],
  [
    /password must be a string|no password/i,
    ({ server, user }) => `PostgreSQL at ${server} asks for the password of "${user}", and DATABASE_URL has none.`,
  ],
  [
    /timeout|timed out/i,
    ({ server }) =>
      `PostgreSQL does not answer at ${server} within ${SERVING.connectMs / 1000} seconds. Is DATABASE_URL right?`,
  ],
  [
    /^Connection terminated|socket disconnected|unrecognized/i,
    ({ server }) => `The server at ${server} is not PostgreSQL, or closes the connection. Is DATABASE_URL right?`,
  ],
];

/** A message about why PostgreSQL cannot be used; `undefined` for errors that are not of the database. */
export function postgresFailure(url: string, error: unknown): string | undefined {
  const address = readAddress(url);
  const words = (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
  const code = codeOf(error);
  const [, sentence] = BY_CODE.find(([codes]) => codes.test(code)) ?? BY_WORDS.find(([said]) => said.test(words)) ?? [];
  if (sentence) return sentence(address, words);
  if (code === '') return undefined;
  return `The database "${address.database}" at ${address.server} could not be brought up to date: ${words}. Is it one of Lockstep?`;
}

function readAddress(text: string): Address {
  const url = new URL(text);
  const database = decodeURIComponent(url.pathname.slice(1));
  const user = decodeURIComponent(url.username);
  const host = decodeURIComponent(url.hostname) || url.searchParams.get('host') || 'localhost';
  return { server: `${host}:${url.port || '5432'}`, host, user, database };
}
