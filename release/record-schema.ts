/** Records the schema of a version, with which later migrations are compared: `node release/record-schema.ts X.Y.Z`. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { server } from '../scripts/outputs.ts';
import { CommandFailed, runScript, toolScript } from '../scripts/programs.ts';

interface Built {
  readonly RELEASED_SCHEMA: string;
  readonly describeThisVersion: (urls: { sqlite: string; postgresql: string }) => Promise<object>;
}

/** As for `npm run test:services`. */
const SERVER = process.env['TEST_DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/test';
const [version] = process.argv.slice(2);
if (version === undefined) throw new CommandFailed('Which version?');

const built = resolve(server.directory, 'dev/migrations/released-schema.js');
const { RELEASED_SCHEMA, describeThisVersion } = (await import(pathToFileURL(built).href)) as Built;
const folder = mkdtempSync(join(tmpdir(), 'lockstep-schema-'));
const name = `lockstep_schema_${randomUUID().replaceAll('-', '')}`;
await administer(`create database ${name}`);
try {
  const postgresql = new URL(SERVER);
  postgresql.pathname = `/${name}`;
  const described = await describeThisVersion({ sqlite: `sqlite:${folder}/schema.db`, postgresql: postgresql.href });
  writeFileSync(RELEASED_SCHEMA, JSON.stringify({ version, revision: `v${version}`, ...described }));
} finally {
  await administer(`drop database if exists ${name} with (force)`);
  rmSync(folder, { recursive: true });
}
await runScript(toolScript('prettier'), ['--write', '--log-level=warn', RELEASED_SCHEMA]);

async function administer(statement: string): Promise<void> {
  const client = new pg.Client(SERVER);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
