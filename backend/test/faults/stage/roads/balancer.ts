import { setTimeout as delay } from 'node:timers/promises';
import { isReady } from '../beside.js';
import type { ServerProcess } from '../server-process.js';
import { TcpProxy } from './tcp-proxy.js';

const CHECK_EVERY_MS = 200;

/** A load balancer with health checks: sends each new connection to the next server that is ready. */
export class Balancer implements AsyncDisposable {
  private readonly servers = new Set<ServerProcess>();
  private ready: readonly ServerProcess[] = [];
  private turn = 0;
  private isClosed = false;
  private checking: Promise<void> | undefined;

  private constructor(private readonly proxy: TcpProxy) {
    proxy.choose = () => this.next();
  }

  static async start(...servers: readonly ServerProcess[]): Promise<Balancer> {
    const balancer = new Balancer(await TcpProxy.start(0));
    for (const server of servers) await balancer.add(server);
    balancer.checking = balancer.keepChecking();
    return balancer;
  }

  get port(): number {
    return this.proxy.port;
  }

  /** Adds a server that is ready. */
  async add(server: ServerProcess): Promise<void> {
    this.servers.add(server);
    await this.check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    await this.checking;
    await this.proxy[Symbol.asyncDispose]();
  }

  private async keepChecking(): Promise<void> {
    while (!this.isClosed) {
      await this.check();
      await delay(CHECK_EVERY_MS);
    }
  }

  private async check(): Promise<void> {
    const all = [...this.servers];
    const answers = await Promise.all(all.map(isReady));
    this.ready = all.filter((_, at) => answers[at] === true);
  }

  /** Without a server that is ready, the connection is refused, as the last one is gone. */
  private next(): number {
    const alive = this.ready.filter((server) => server.isAlive);
    this.turn += 1;
    const [last] = [...this.servers].slice(-1);
    return (alive[this.turn % alive.length] ?? last)?.port ?? 0;
  }
}
