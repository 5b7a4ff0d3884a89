import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** How a program ended: `output` holds what it wrote, unless it wrote straight to the terminal. */
export interface Ended {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `live` writes to the terminal; `kept` is for a caller that shows output only when something went wrong. */
  readonly show?: 'live' | 'kept';
}

const running = new Set<ReturnType<typeof spawn>>();
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
