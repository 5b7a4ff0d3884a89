import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../backend/testing/free-port.ts';

export type Environment = Readonly<Record<string, string>>;

/** Tests send faster than users, which the limits are not meant for. */
const ROOMY: Environment = {
  LOG_LEVEL: 'error',
  MAX_SENDS_PER_MINUTE: '1000',
  MAX_RUNS_PER_USER: '10',
};

/** One installation of Lockstep with its own port and data, both of which outlive its process. */
export class LockstepServer {
  readonly #data = mkdtempSync(join(tmpdir(), 'lockstep-browser-'));
  readonly #environment: Environment;
  readonly port: number;
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, environment: Environment) {
    this.port = port;
    this.#environment = { PUBLIC_URL: `http://127.0.0.1:${port}`, ...ROOMY, ...environment };
  }

  /** Starts it on a free port. Of this machine's environment it gets only the path to programs. */
  static async start(environment: Environment = {}): Promise<LockstepServer> {
    const server = new LockstepServer(await freePort(), environment);
    await server.start();
    return server;
  }

  /** The URL that browsers open. */
  get url(): string {
    return this.#environment['PUBLIC_URL'] ?? '';
  }

  get databasePath(): string {
    return join(this.#data, 'chat.db');
  }

  /**
   * Starts a process, and waits until it accepts requests.
   * @param folder with `frontend/build`, the page that is served; by default that of this repository
   */
  async start(folder = '.'): Promise<void> {
    this.#output = '';
    const child = spawn(process.execPath, ['--enable-source-maps', resolve('dist/src/main.js')], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        ...this.#environment,
        PORT: String(this.port),
        DATA_DIR: this.#data,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    const started = Promise.withResolvers<void>();
    const listen = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      // Printed once the port is open.
      if (this.#output.includes('Lockstep is at')) started.resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code, signal) =>
      started.reject(new Error(`The server has ended (${signal ?? code}):\n${this.#output}`)),
    );
    await started.promise;
  }

  /** Sends a signal without waiting. */
  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Shuts the process down like a supervisor, and waits for its end. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Kills the process without a warning, like the kernel when memory runs out. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Stops it, and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
