import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { breakConnection } from './break-connection.js';
import { scaled } from '../../../../testing/pace.js';

const STRUCK_WITHIN_MS = scaled(30_000);

/** What a silent connection holds back: the server's queries, PostgreSQL's answers, or both. */
export type Way = 'asked' | 'answered' | 'both';

/** At the end of the silence held bytes are delivered (`late`), or the connection is reset (`lost`). */
export type Kept = 'late' | 'lost';

/** Called for each message of the server. @param isInTransaction whether its connection has an open transaction */
export type Chooses = (said: string, isInTransaction: boolean) => boolean;

interface Trap {
  readonly chooses: Chooses;
  readonly way: Way;
  readonly struck: () => void;
}

/** A proxy to PostgreSQL, without encryption, whose connections can stay open without delivering anything. */
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

  /** The URL of the database through this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Silences every connection, including new ones. */
  silence(way: Way): void {
    this.silentAtFirst = true;
    for (const link of this.links) link.silence(way);
  }

  /** Resets every connection; new ones are accepted and get no data. */
  silenceNew(): void {
    this.silentAtFirst = true;
    for (const link of this.links) link.reset();
  }

  /**
   * Silences the first connection with a matching message, which is still delivered if only answers are held back.
   * @throws Error if no such message comes
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
      // A reset is followed by `close`, which is handled.
      socket.on('error', () => undefined);
      // A silent connection does not forward the end of a connection either.
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
    // Type and length come first in every message, including a simple query.
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
