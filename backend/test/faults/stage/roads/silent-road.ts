import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { breakConnection } from './break-connection.js';
import { scaled } from '../../../support/pace.js';

const STRUCK_WITHIN_MS = scaled(30_000);

/** What a silent connection keeps to itself: what the server asks, what PostgreSQL answers, or both. */
export type Way = 'asked' | 'answered' | 'both';

/** What was kept is delivered when the silence ends (`late`), or the connection is reset then (`lost`). */
export type Kept = 'late' | 'lost';

/** Asked of each message of the server. @param isInTransaction whether a transaction is open on its connection */
export type Chooses = (said: string, isInTransaction: boolean) => boolean;

interface Trap {
  readonly chooses: Chooses;
  readonly way: Way;
  readonly struck: () => void;
}

/** Between a server and PostgreSQL, without encryption: connections that stay open and say nothing. */
export class SilentRoad implements AsyncDisposable {
  private readonly links = new Set<Link>();
  private readonly traps: Trap[] = [];
  private silentAtFirst = false;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  static async start(databaseUrl: string): Promise<SilentRoad> {
    const server = createServer({ noDelay: true });
    const road = new SilentRoad(server, new URL(databaseUrl));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return road;
  }

  /** The database by this road. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Every connection, those that come as well. */
  silence(way: Way): void {
    this.silentAtFirst = true;
    for (const link of this.links) link.silence(way);
  }

  /** Resets every connection; those that come are accepted and hear nothing. */
  silenceNew(): void {
    this.silentAtFirst = true;
    for (const link of this.links) link.reset();
  }

  /**
   * The first connection on which something like this is said, which is still delivered if only answers are kept.
   * @throws Error when nothing like it is said
   */
  async silenceOne(way: Way, chooses: Chooses): Promise<void> {
    const struck = new Promise<true>((resolve) => this.traps.push({ chooses, way, struck: () => resolve(true) }));
    const isStruck = await Promise.race([struck, delay(STRUCK_WITHIN_MS, false, { ref: false })]);
    if (!isStruck) throw new Error('Nothing was said that was to be met with silence');
  }

  /** Ends all silence. */
  speak(kept: Kept): void {
    this.silentAtFirst = false;
    this.traps.length = 0;
    for (const link of this.links) link.speak(kept);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    for (const link of this.links) link.reset();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    const target = connect({ host: this.target.hostname, port: Number(this.target.port || 5432), noDelay: true });
    const link = new Link(client, target, (said, isInTransaction) => this.trapOf(said, isInTransaction));
    this.links.add(link);
    if (this.silentAtFirst) link.silence('both');
    link.whenClosed(() => this.links.delete(link));
  }

  private trapOf(said: string, isInTransaction: boolean): Trap | undefined {
    const at = this.traps.findIndex(({ chooses }) => chooses(said, isInTransaction));
    const [trap] = at < 0 ? [] : this.traps.splice(at, 1);
    return trap;
  }
}

class Link {
  private isInTransaction = false;
  private silent: Way | undefined;
  private readonly asked: Buffer[] = [];
  private readonly answered: Buffer[] = [];

  constructor(
    private readonly client: Socket,
    private readonly target: Socket,
    private readonly trapOf: (said: string, isInTransaction: boolean) => Trap | undefined,
  ) {
    client.on('data', (bytes: Buffer) => this.ask(bytes));
    target.on('data', (bytes: Buffer) => this.answer(bytes));
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      // The close that follows is all that has to be known of a reset.
      socket.on('error', () => undefined);
      // A silent road does not carry the end of a connection either.
      socket.once('close', () => this.silent ?? other.destroy());
    }
  }

  silence(way: Way): void {
    this.silent = way;
  }

  speak(kept: Kept): void {
    if (!this.silent) return;
    this.silent = undefined;
    if (kept === 'lost') return this.reset();
    for (const bytes of this.asked) this.target.write(bytes);
    for (const bytes of this.answered) this.client.write(bytes);
    if (this.client.destroyed) this.target.destroySoon();
    if (this.target.destroyed) this.client.destroySoon();
  }

  reset(): void {
    for (const socket of [this.client, this.target]) breakConnection(socket);
  }

  whenClosed(closed: () => void): void {
    const look = (): void => {
      if (this.client.destroyed && this.target.destroyed) closed();
    };
    this.client.once('close', look);
    this.target.once('close', look);
  }

  private ask(bytes: Buffer): void {
    const said = bytes.toString('latin1');
    const trap = this.silent ? undefined : this.trapOf(said, this.isInTransaction);
    if (trap) {
      this.silent = trap.way;
      trap.struck();
    }
    // Letter and length come first, of a plain query as of any other message.
    const [, word = ''] = /^Q.{4}(begin|start|commit|rollback)/s.exec(said) ?? [];
    if (word !== '') this.isInTransaction = word === 'begin' || word === 'start';
    if (this.silent && this.silent !== 'answered') this.asked.push(bytes);
    else this.target.write(bytes);
  }

  private answer(bytes: Buffer): void {
    if (this.silent && this.silent !== 'asked') this.answered.push(bytes);
    else this.client.write(bytes);
  }
}
