import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A command cannot do what it was asked; the message is for the person in front of the terminal, so no stack is shown. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** How a program ended: `output` holds what it wrote, unless it wrote straight to the terminal. */
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
  /** `live` writes to the terminal; `kept` is for a caller that shows output only when something went wrong. */
  readonly show?: 'live' | 'kept';
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill();
});

/**
 * Path of the script behind a command of an installed package. Going past `node_modules/.bin`
 * spares a shell, works on Windows, and keeps the Node version this process has.
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

/** Runs a Node script to its end; resolves whatever its exit code. */
export function runScript(script: string, args: readonly string[], options: ToolOptions = {}): Promise<Ended> {
  return runProgram(process.execPath, [script, ...args], options);
}

/** Runs any program to its end; resolves whatever its exit code, and rejects when it cannot be started at all. */
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

/** Runs one of the projects of `jest.config.js`, whose tests are modules. */
export function runJest(project: string, args: readonly string[], options: ToolOptions = {}): Promise<Ended> {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', toolScript('jest')];
  return runProgram(process.execPath, [...jest, '--selectProjects', project, ...args], options);
}

/** A Node program that runs beside us until we stop it; it writes to our terminal. */
export class Supervised {
  readonly #child: ChildProcess;
  /** Settles when it has ended, however. */
  readonly ended: Promise<unknown>;

  constructor(args: readonly string[], options: ProgramOptions = {}) {
    this.#child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.ended = once(this.#child, 'exit');
  }

  /** Asks it to end, waits until it has, and insists after `patienceMs`. */
  async stop(patienceMs = 5000): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.kill(), patienceMs);
    await this.ended;
    clearTimeout(insist);
  }

  /** Sends a signal and does not wait; the usual one ends it without asking. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}
