import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A command has failed; the message is for the user, so no stack trace is printed. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** The result of a program; `output` is empty if it wrote directly to the terminal. */
export interface Ended {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

interface ProgramOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ToolOptions extends ProgramOptions {
  /** `live` writes to the terminal; `kept` collects the output, for example to show it only after a failure. */
  readonly show?: 'live' | 'kept';
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill();
});

/**
 * The path of the script of an installed package's command. Unlike `node_modules/.bin`, it needs no shell, works on
 * Windows, and runs under the Node version of this process.
 */
export function toolScript(packageName: string, command = packageName): string {
  const root = resolve('node_modules', packageName);
  const manifest: unknown = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
  const bin = typeof manifest === 'object' && manifest !== null && 'bin' in manifest ? manifest.bin : undefined;
  const path: unknown =
    typeof bin === 'object' && bin !== null ? Object.entries(bin).find(([name]) => name === command)?.[1] : bin;
  if (typeof path !== 'string') throw new Error(`Package ${packageName} has no command ${command}`);
  return resolve(root, path);
}

/** Runs a Node script; resolves with any exit code. */
export function runScript(script: string, args: readonly string[], options: ToolOptions = {}): Promise<Ended> {
  return runProgram(process.execPath, [script, ...args], options);
}

/** Runs a program; resolves with any exit code, and rejects if the program cannot be started. */
export function runProgram(program: string, args: readonly string[], options: ToolOptions = {}): Promise<Ended> {
  const startedAt = performance.now();
  const { promise, resolve: end, reject } = Promise.withResolvers<Ended>();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: options.show === 'live' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
  child.once('error', reject);
  child.once('close', (code) => {
    running.delete(child);
    const seconds = (performance.now() - startedAt) / 1000;
    end({ ok: code === 0, output: Buffer.concat(output).toString('utf8'), seconds });
  });
  return promise;
}

/** Runs a project of `jest.config.js`, whose tests are ES modules. */
export function runJest(project: string, args: readonly string[], options: ToolOptions = {}): Promise<Ended> {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', toolScript('jest')];
  return runProgram(process.execPath, [...jest, '--selectProjects', project, ...args], options);
}

/** A Node program that runs in parallel until it is stopped, and writes to the same terminal. */
export class Supervised {
  readonly #child: ChildProcess;
  /** Settles when it has ended in any way. */
  readonly ended: Promise<unknown>;

  constructor(args: readonly string[], options: ProgramOptions = {}) {
    this.#child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.ended = once(this.#child, 'exit');
  }

  /** Terminates it, waits until it has ended, and kills it after `patienceMs`. */
  async stop(patienceMs = 5000): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.kill(), patienceMs);
    await this.ended;
    clearTimeout(insist);
  }

  /** Sends a signal without waiting; by default one that kills it. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}
