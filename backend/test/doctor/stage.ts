import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { FindingId } from '../../src/protocol/http/index.js';
import { freePort } from '../../testing/free-port.js';
import { TestServer } from '../support/test-server.js';
import { newFolder } from './patient.js';

export const SECRET = 'the-secret-of-this-installation-1';

type Change = Readonly<Record<string, string>>;

/** What is wrong, how it is made, what is found, and what its sentence names. Other problems may follow from it. */
export type Case = readonly [string, () => Promise<Change> | Change, FindingId, RegExp];

/** A running server with a configuration that is in order, and what the mistakes need. */
export class Stage {
  readonly folder = newFolder();
  /** Ended after all tests. */
  readonly open: AsyncDisposable[] = [];
  private started: TestServer | undefined;

  async start(): Promise<void> {
    this.started = await TestServer.start({ PORT: String(await freePort()), APP_SECRET: SECRET });
  }

  get server(): TestServer {
    if (!this.started) throw new Error('The stage is not started');
    return this.started;
  }

  /** The variables of the server; what Jest was started with is no concern of these tests. */
  get healthy(): Record<string, string> {
    return { ...this.server.config.variables };
  }

  async kept<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
    const one = await starting;
    this.open.push(one);
    return one;
  }

  /** A changed copy of the database of the server, as a value for `DATABASE_URL`. */
  copied(change: (database: Sqlite.Database) => void): string {
    const path = join(this.folder, `${String(Math.random()).slice(2)}.db`);
    const source = new Sqlite((this.server.config.database as { path: string }).path, { readonly: true });
    source.prepare('vacuum into ?').run(path);
    source.close();
    const copy = new Sqlite(path);
    change(copy);
    copy.close();
    return `sqlite:${path}`;
  }

  async end(): Promise<void> {
    for (const one of this.open) await one[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
