import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoints, ProxyKind } from './proxy-kinds.js';
import { findProgram } from '../../testing/find-program.js';
import { scaled } from '../../testing/pace.js';

const START_DEADLINE_MS = scaled(20_000);

/** A proxy configured by its file in `ops/`, except for ports, names and timeouts. */
export class Proxy implements AsyncDisposable {
  private output = '';

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
    }
  }

  /** Waits until it accepts connections. */
  static async start(kind: ProxyKind, endpoints: Endpoints): Promise<Proxy> {
    const program = findProgram(kind.program);
    if (program === undefined) throw new Error(`${kind.program} is not installed`);
    const file = join(endpoints.folder, basename(kind.example));
    // A proxy that drops root privileges still has to read the folder.
    chmodSync(endpoints.folder, 0o755);
    writeFileSync(file, configure(kind, endpoints));
    const child = spawn(program, kind.args(file), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: endpoints.folder,
        XDG_DATA_HOME: endpoints.folder,
        XDG_CONFIG_HOME: endpoints.folder,
      },
    });
    const proxy = new Proxy(child);
    await proxy.listening(endpoints.tlsPort);
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  private async listening(port: number): Promise<void> {
    const deadline = Date.now() + START_DEADLINE_MS;
    while (this.child.exitCode === null && Date.now() < deadline) {
      if (await accepts(port)) return;
      await delay(20);
    }
    throw new Error(`The proxy did not start:\n${this.output}`);
  }
}

function configure(kind: ProxyKind, endpoints: Endpoints): string {
  let example = readFileSync(join('ops', kind.example), 'utf8');
  for (const [from, to] of kind.changes(endpoints)) {
    if (!example.includes(from)) throw new Error(`ops/${kind.example} does not hold "${from}"`);
    example = example.replaceAll(from, to);
  }
  const [before, after] = kind.around(endpoints);
  return `${before}\n${example}\n${after}\n`;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Not listening yet.
    return false;
  } finally {
    socket.destroy();
  }
}
