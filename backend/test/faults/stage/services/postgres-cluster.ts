import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../../../testing/free-port.js';
import { scaled } from '../../../../testing/pace.js';

const VERSIONS = '/usr/lib/postgresql';
const START_DEADLINE_MS = scaled(60_000);

/** How to stop a PostgreSQL server: it rolls back and closes its connections, it just exits, or it is killed. */
export type Ending = 'SIGINT' | 'SIGQUIT' | 'SIGKILL';

/** PostgreSQL's programs, where Debian installs them; `undefined` if they are missing. */
function programs(): string | undefined {
  try {
    const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
    return newest === undefined ? undefined : join(VERSIONS, newest, 'bin');
  } catch {
    return undefined;
  }
}

/** A separate PostgreSQL server, to be stopped and started again. */
export class PostgresCluster implements AsyncDisposable {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly bin: string,
    private readonly folder: string,
    private readonly port: number,
    private readonly ids: { uid?: number; gid?: number },
  ) {}

  /** @returns `undefined` if PostgreSQL is not installed */
  static async start(): Promise<PostgresCluster | undefined> {
    const bin = programs();
    if (bin === undefined) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-postgres-'));
    const cluster = new PostgresCluster(bin, folder, await freePort(), unprivileged(folder));
    const args = ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'postgres', '--no-sync'];
    execFileSync(join(bin, 'initdb'), args, { ...cluster.ids, cwd: folder, stdio: 'ignore' });
    await cluster.up();
    return cluster;
  }

  get url(): string {
    return `postgresql://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts it, and waits until it accepts connections. */
  async up(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
    const args = ['-D', join(this.folder, 'data'), '-p', String(this.port), ...settings.flatMap((one) => ['-c', one])];
    this.child = spawn(join(this.bin, 'postgres'), args, { ...this.ids, cwd: this.folder, stdio: 'ignore' });
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await this.answers())) {
      if (Date.now() > deadline) throw new Error('PostgreSQL did not start');
      await delay(50);
    }
  }

  async down(ending: Ending): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(ending);
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      // Still starting.
      return false;
    } finally {
      await client.end();
    }
  }
}

/** PostgreSQL refuses to run as root. */
function unprivileged(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());
  const ids = { uid: idOf('-u'), gid: idOf('-g') };
  chownSync(folder, ids.uid, ids.gid);
  chmodSync(folder, 0o700);
  return ids;
}
