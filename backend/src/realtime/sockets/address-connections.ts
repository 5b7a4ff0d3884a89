import { Logger } from '@nestjs/common';
import type { Limits } from '../../config/config.js';
import { countedAddress } from '../../limits/counted-address.js';
import { perAddress, type Policy } from '../../limits/policy.js';
import type { RateLimits } from '../../limits/rate-limits.js';

/**
 * Limits the connections of each network address, signed in or not: how many are open on this process, and how many are
 * opened within a minute on all processes together.
 */
export class AddressConnections {
  private readonly logger = new Logger('Connections');
  private readonly open = new Map<string, number>();
  /** Addresses with too many open connections, each of which is logged only once. */
  private readonly logged = new Set<string>();
  private readonly max: number;
  private readonly handshakes: Policy;

  constructor(
    private readonly limits: RateLimits,
    { socketsPerAddress, handshakesPerAddress }: Limits,
  ) {
    this.max = socketsPerAddress;
    this.handshakes = perAddress('handshakes', handshakesPerAddress);
  }

  /** Counts the handshake of an address. Never rejects. @returns whether it may open another connection */
  async admits(address: string | null): Promise<boolean> {
    const subject = countedAddress(address);
    if (subject === undefined) return true;
    if (!this.hasRoom(subject)) return false;
    const { isRefused, acts } = await this.limits.take(this.handshakes, subject);
    // Once for each window: after that it is refused without counting.
    if (isRefused && acts > 0) this.logger.warn(`${subject} has opened too many connections: more are refused`);
    // Others may have connected meanwhile.
    return !isRefused && this.hasRoom(subject);
  }

  /** Counts a connection. @returns a function to call when it is closed */
  add(address: string | null): () => void {
    if (address === null) return () => undefined;
    this.open.set(address, (this.open.get(address) ?? 0) + 1);
    return () => {
      const left = (this.open.get(address) ?? 1) - 1;
      if (left > 0) {
        this.open.set(address, left);
        return;
      }
      this.open.delete(address);
      this.logged.delete(address);
    };
  }

  private hasRoom(address: string): boolean {
    if ((this.open.get(address) ?? 0) < this.max) return true;
    if (!this.logged.has(address)) this.logger.warn(`${address} has ${this.max} connections: more are refused`);
    this.logged.add(address);
    return false;
  }
}
