import { once } from 'node:events';
import { createServer } from 'node:net';
import { portRefusal } from '../../config/checks/port-refusal.js';
import { codeOf } from '../../config/checks/system-reason.js';
import type { Config } from '../../config/config.js';
import { ownAddress } from '../../config/read-config.js';
import { installationMeta, type ProcessStanding } from '../../protocol/http/index.js';
import { ask, firstCode } from '../ask.js';
import { type Check, type Found, ok, problem } from '../findings.js';
import { askStanding, differences } from '../standing.js';

const LIMIT_MS = 5_000;

/** The server of this configuration on this machine, which may run or not. */
export class OwnServer {
  private readonly address: string;
  private found: Promise<readonly Found[]> | undefined;

  /** @param own what a process with this configuration says about itself */
  constructor(
    private readonly config: Config,
    private readonly own: Pick<ProcessStanding, 'settings' | 'version'>,
  ) {
    this.address = ownAddress({ HOST: config.host, PORT: config.port });
  }

  /** Whether it runs, and whether its port is free otherwise. */
  get check(): Check {
    return { area: 'server', limitMs: LIMIT_MS + 1_000, run: () => this.look() };
  }

  async isRunning(): Promise<boolean> {
    return (await this.look()).some(({ id }) => id === 'server_running');
  }

  private look(): Promise<readonly Found[]> {
    return (this.found ??= this.ask());
  }

  private async ask(): Promise<readonly Found[]> {
    const { address, config } = this;
    // The system chooses a port at the start.
    if (config.port === 0) return [];
    const signal = AbortSignal.timeout(LIMIT_MS);
    try {
      const answer = await askStanding(address, config.appSecret, signal);
      if (answer.kind === 'process') return this.running(differences(answer.standing, this.own));
      const isLockstep = await this.isLockstep(signal);
      return [isLockstep ? problem('server_foreign', { address }) : this.unusable('EADDRINUSE')];
    } catch (error) {
      return [firstCode(error) === 'ECONNREFUSED' ? await this.tryPort() : this.unusable('EADDRINUSE')];
    }
  }

  private running(different: readonly string[]): Found[] {
    const { address } = this;
    const differs = problem('server_differs', { address, variables: different.join(', ') });
    return [ok('server_running', { address }), ...(different.length > 0 ? [differs] : [])];
  }

  private async isLockstep(signal: AbortSignal): Promise<boolean> {
    const { text } = await ask(new URL('/api/meta', this.address), { signal });
    try {
      return installationMeta.safeParse(JSON.parse(text)).success;
    } catch (error) {
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  }

  /** Listens for a moment, as the server would. */
  private async tryPort(): Promise<Found> {
    const server = createServer();
    try {
      server.listen(this.config.port, this.config.host);
      await once(server, 'listening');
      return ok('server_stopped', { address: this.address });
    } catch (error) {
      return this.unusable(codeOf(error));
    } finally {
      server.close();
    }
  }

  private unusable(code: string): Found {
    const { host, port } = this.config;
    return problem('port_unusable', { reason: portRefusal(code, host, port) ?? `Port ${port} of ${host}: ${code}` });
  }
}
