import { ServerProcess } from '../../../backend/test/faults/stage/server-process.ts';
import { freePort } from '../../../backend/testing/free-port.ts';

/** Starts programs, and makes sure that they end with this one. */
export class Children {
  readonly #started = new Set<ServerProcess>();

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
    process.once('exit', () => {
      for (const child of this.#started) if (child.isAlive) child.signal('SIGKILL');
    });
  }

  /** Starts a script on a free port and waits until it answers. */
  async start(main: string, cwd: string, env: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const child = ServerProcess.spawn({ main, cwd }, await freePort(), env);
    this.#started.add(child);
    await child.ready();
    return child;
  }
}
