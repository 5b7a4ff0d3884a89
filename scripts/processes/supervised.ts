import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside us until we stop it; it writes to our terminal. */
export class Supervised {
  readonly #child: ChildProcess;
  /** Settles when it has ended, however. */
  readonly ended: Promise<unknown>;

  constructor(
    args: readonly string[],
    options: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> },
  ) {
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

  /** Ends it without asking. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
