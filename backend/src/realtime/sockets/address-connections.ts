import { Logger } from '@nestjs/common';

/** A proxy on this machine that does not say for whom it asks: all would be one. */
const LOOPBACK = /^(::1$|127\.)/;

/** Counts the connections of each address, signed in or not. */
export class AddressConnections {
  private readonly logger = new Logger('Connections');
  private readonly open = new Map<string, number>();
  /** Addresses that were refused, since they had so many: each is told of once. */
  private readonly told = new Set<string>();

  constructor(private readonly max: number) {}

  /** Whether an address may open another one. */
  hasRoom(address: string | null): boolean {
    if (address === null || LOOPBACK.test(address) || (this.open.get(address) ?? 0) < this.max) return true;
    if (!this.told.has(address)) this.logger.warn(`${address} has ${this.max} connections: more are refused`);
    this.told.add(address);
    return false;
  }

  /** Counts one. Returns what is to be called when it is closed. */
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
      this.told.delete(address);
    };
  }
}
