import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerBuild } from './server-build.js';
import { scaled } from '../../../testing/pace.ts';

const START_DEADLINE_MS = scaled(120_000);
/** The last lines of a server's output, for failure reports. */
const KEPT_OUTPUT = 4_000;

/** A server in a separate process, started from a build, ended by its id. */
export class ServerProcess implements AsyncDisposable {
  private output = '';
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
    this.exited = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => (this.output = (this.output + bytes.toString()).slice(-KEPT_OUTPUT)));
    }
  }

  /** Starts a server without waiting for it. */
  static spawn(
    build: Pick<ServerBuild, 'main' | 'cwd'>,
    port: number,
    env: Readonly<Record<string, string>>,
    /** Where its standard output goes: an open file; by default it is read by this process. */
    output: number | 'pipe' = 'pipe',
  ): ServerProcess {
    const child = spawn(process.execPath, [build.main], {
      cwd: build.cwd,
      env: { PATH: process.env['PATH'], PORT: String(port), ...env },
      stdio: ['ignore', output, 'pipe'],
    });
    return new ServerProcess(child, port);
  }

  /** The id of the process, while it runs. */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The server was never started');
    return this.child.pid;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The last output of the server. */
  get lastOutput(): string {
    return this.output;
  }

  /** Stops reading its standard output, so that it fills its buffers. */
  deafen(): void {
    this.child.stdout?.pause();
  }

  /** Closes its standard output at this end. */
  closeOutput(): void {
    this.child.stdout?.destroy();
  }

  /** The number of its open files and sockets. */
  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Its resident memory; 0 if the system does not report it. */
  get residentBytes(): number {
    const path = `/proc/${this.pid}/status`;
    const [, kilobytes = '0'] = (existsSync(path) && /VmRSS:\s+(\d+)/.exec(readFileSync(path, 'utf8'))) || [];
    return Number(kilobytes) * 1024;
  }

  /**
   * Waits until the server answers that it is ready.
   * @throws Error with its output when it exits before, or takes too long
   */
  async ready(): Promise<void> {
    const deadline = Date.now() + START_DEADLINE_MS;
    while (this.isAlive && Date.now() < deadline) {
      if (await this.answers()) return;
      await delay(25);
    }
    throw new Error(`The server did not start (${String(this.child.exitCode)}):\n${this.output}`);
  }

  /** Sends a signal without waiting. */
  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Sends a signal that ends the process and waits for the end. @returns its exit code, `null` after a kill */
  async end(name: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<number | null> {
    if (this.isAlive) {
      this.child.kill(name);
      await this.exited;
    }
    return this.child.exitCode;
  }

  /** Resolves when it has exited by itself. @returns its exit code, `null` after a signal */
  async ended(): Promise<number | null> {
    if (this.isAlive) await this.exited;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  private async answers(): Promise<boolean> {
    const signal = AbortSignal.timeout(2_000);
    // Not listening yet, or busy: both pass.
    const response = await fetch(`http://127.0.0.1:${this.port}/health/ready`, { signal }).catch(() => undefined);
    return response?.status === 200;
  }
}
