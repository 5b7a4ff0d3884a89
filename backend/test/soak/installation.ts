import type { Random } from '../faults/stage/random.js';
import type { Scene } from '../faults/stage/scene.js';
import type { ServerBuild } from '../faults/stage/server-build.js';
import type { ServerProcess } from '../faults/stage/server-process.js';
import { Stage } from '../faults/stage/stage.js';
import { TcpProxy } from '../faults/stage/roads/tcp-proxy.js';

/** A second process on the same database, which may be killed, and the proxy in front of it. */
interface Second {
  process: ServerProcess;
  readonly road: TcpProxy;
}

/** The installation under test: one server on SQLite, two on PostgreSQL, and the scenes in progress. */
export class Installation implements AsyncDisposable {
  scenes: readonly Scene[] = [];
  private isWhole = true;

  private constructor(
    readonly stage: Stage,
    readonly random: Random,
    private readonly second: Second | undefined,
  ) {}

  static async start(
    build: ServerBuild,
    random: Random,
    env: Readonly<Record<string, string>>,
    server: string | null,
  ): Promise<Installation> {
    const stage = await Stage.prepare(build, { env, server });
    await stage.up();
    if (server === null) return new Installation(stage, random, undefined);
    const process = await stage.spawn();
    await process.ready();
    return new Installation(stage, random, { process, road: await TcpProxy.start(process.port) });
  }

  /** The process that is measured. */
  get measured(): ServerProcess {
    return this.stage.server;
  }

  get processes(): readonly ServerProcess[] {
    return [this.measured, ...(this.second ? [this.second.process] : [])];
  }

  get roads(): readonly TcpProxy[] {
    return [this.stage.road, ...(this.second ? [this.second.road] : [])];
  }

  /** Whether a process was killed and is not back yet; on a busy machine that takes a minute or two. */
  readonly isAway = (): boolean => !this.isWhole;

  /** Kills the process that is not measured, or the only one, and starts it again at once. */
  async kill(): Promise<void> {
    const victim = this.second?.process ?? this.measured;
    this.isWhole = false;
    await victim.end('SIGKILL');
    const outage = { diedAt: Date.now(), backAt: Number.POSITIVE_INFINITY };
    for (const scene of this.scenes) scene.outages.push(outage);
    if (this.second) {
      this.second.process = await this.stage.spawn();
      await this.second.process.ready();
      this.second.road.targetPort = this.second.process.port;
    } else {
      await this.stage.up();
    }
    outage.backAt = Date.now();
    this.isWhole = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.second?.process.end();
    await this.second?.road[Symbol.asyncDispose]();
    await this.stage[Symbol.asyncDispose]();
  }
}
