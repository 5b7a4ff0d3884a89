import { Logger } from '@nestjs/common';

/** Loopback is not counted: behind a local proxy without `X-Forwarded-For` all clients have this address. */
const LOOPBACK = /^(::1$|127\.)/;

/** Limits the connections of each network address, signed in or not. */
export class AddressConnections {
  private readonly logger = new Logger('Connections');
  private readonly open = new Map<string, number>();
  /** Refused addresses, each of which is logged only once. */
  private readonly logged = new Set<string>();

  constructor(private readonly max: number) {}

  /** Whether an address may open another connection. */
  hasRoom(address: string | null): boolean {
    if (address === null || LOOPBACK.test(address) || (this.open.get(address) ?? 0) < this.max) return true;
    if (!this.logged.has(address)) this.logger.warn(`${address} has ${this.max} connections: more are refused`);
    this.logged.add(address);
    return false;
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
}
