import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';

export type Environment = Readonly<Record<string, string>>;

/** Tests send faster than people do, and are not what the limits are for. */
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

  /** Starts it on a free port. Nothing of this machine's own environment reaches it but the path to programs. */
  static async start(environment: Environment = {}): Promise<LockstepServer> {
    const server = new LockstepServer(await getPort(), environment);
    await server.start();
    return server;
  }

  /** The address that browsers open. */
  get url(): string {
    return this.#environment['PUBLIC_URL'] ?? '';
  }

  get databasePath(): string {
    return join(this.#data, 'chat.db');
  }

  /** Starts a process, and waits until it takes requests. */
  async start(): Promise<void> {
    this.#output = '';
    const child = spawn(process.execPath, ['--enable-source-maps', 'dist/src/main.js'], {
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
      // Said once the port is open.
      if (this.#output.includes('Lockstep is at')) started.resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code, signal) =>
      started.reject(new Error(`The server has ended (${signal ?? code}):\n${this.#output}`)),
    );
    await started.promise;
  }

  /** Sends a signal and does not wait. */
  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Asks the process to shut down, as a supervisor does, and waits until it has. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends the process without a warning, as the kernel does when memory runs out. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it for good, with its data. */
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
