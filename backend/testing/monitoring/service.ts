import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from '../find-program.ts';
import { freePort } from '../free-port.ts';
import { scaled } from '../pace.ts';

const START_DEADLINE_MS = scaled(20_000);

export interface ServiceKind {
  /** Names of the program: that of Debian's package, and others. */
  readonly programs: readonly string[];
  args(folder: string, address: string): string[];
}

/** A program of the Prometheus project on a free port, with a folder of its own for configuration and data. */
export class Service implements AsyncDisposable {
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lockstep-monitoring-'));
  readonly #child: ChildProcess;
  #output = '';

  private constructor(kind: ServiceKind, port: number, files: Readonly<Record<string, string>>) {
    const program = kind.programs.map(findProgram).find((path) => path !== undefined);
    if (program === undefined) throw new Error(`${kind.programs[0] ?? ''} is not installed`);
    this.url = `http://127.0.0.1:${port}`;
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#folder, name), text);
    this.#child = spawn(program, kind.args(this.#folder, `127.0.0.1:${port}`), { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (bytes: Buffer) => (this.#output += bytes.toString()));
    }
  }

  /**
   * Writes the files into its folder, starts it, and waits until it is ready.
   * @throws Error with its output if it ends or does not become ready
   */
  static async start(kind: ServiceKind, files: Readonly<Record<string, string>>): Promise<Service> {
    const service = new Service(kind, await freePort(), files);
    try {
      await service.#ready();
      return service;
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + START_DEADLINE_MS;
    while (this.#isRunning && performance.now() < deadline) {
      const isReady = await fetch(`${this.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      await delay(50);
    }
    throw new Error(`The program did not start:\n${this.#output}`);
  }
}
