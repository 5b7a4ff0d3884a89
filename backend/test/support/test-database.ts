import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** An empty database for one test; disposing of it removes it. */
export interface TestDatabase extends AsyncDisposable {
  /** The value for `DATABASE_URL`. */
  readonly url: string;
  /** A folder for the other files of the server. */
  readonly dataDir: string;
}

/**
 * SQLite in a temporary folder; PostgreSQL if `TEST_DATABASE_URL` names a server on which databases may be created.
 * @param server overrides the environment: the address of such a server, or `null` for SQLite.
 */
export async function createTestDatabase(
  server: string | null = process.env['TEST_DATABASE_URL'] ?? null,
): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  const removeDir = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  if (server === null) {
    return { url: `sqlite:${join(dataDir, 'chat.db')}`, dataDir, [Symbol.asyncDispose]: removeDir };
  }
  const name = `lockstep_test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    dataDir,
    async [Symbol.asyncDispose]() {
      await administer(server, `drop database if exists ${name} with (force)`);
      await removeDir();
    },
  };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
