import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { breakConnection } from './break-connection.js';
import { type PostgresFrame, PostgresFrames, textsOf } from './postgres-frames.js';

/**
 * What happens to a commit; its connection is reset in any case.
 * `unanswered`: carried out, and the answer is lost; `late`: the same, but the client sees the reset first; `raced`:
 * sent and reset at the same moment, so that either may happen; `unsent`: it does not arrive.
 */
export type Fate = 'unanswered' | 'late' | 'raced' | 'unsent';

/** Decides about a commit by the statements of its transaction; `undefined` lets it pass. */
export type Decide = (statements: string) => Fate | undefined;

const LATE_MS = 60;

/** A proxy between a server and PostgreSQL that parses the protocol and recognises commits. */
export class PostgresProxy implements AsyncDisposable {
  /** Called for each commit, of a transaction or of a single statement. */
  decide: Decide | undefined;
  /** How many commits were disturbed. */
  struck = 0;
  /** For how long PostgreSQL cannot be reached after a disturbed commit. */
  awayMs = 0;
  private isAway = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.link(client));
  }

  /** @param url of the database, without encryption */
  static async start(url: string): Promise<PostgresProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new PostgresProxy(server, new URL(url));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The URL of the database through this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private link(client: Socket): void {
    // A reset is followed by `close`, which is handled.
    client.on('error', () => undefined);
    if (this.isAway) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ host: this.target.hostname, port: Number(this.target.port || 5432), noDelay: true });
    const session = new Session((statements) => this.fateOf(statements, [client, target]), client, target);
    target.on('error', () => undefined);
    for (const socket of [client, target]) {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    }
    client.on('data', (bytes: Buffer) => session.said(bytes));
    target.on('data', (bytes: Buffer) => session.answered(bytes));
    client.once('close', () => session.isLate || target.destroy());
    target.once('close', () => client.destroy());
  }

  private fateOf(statements: string, own: readonly Socket[]): Fate | undefined {
    const fate = this.decide?.(statements);
    if (!fate) return undefined;
    this.struck += 1;
    if (this.awayMs > 0) this.leave(this.awayMs, own);
    return fate;
  }

  private leave(ms: number, but: readonly Socket[]): void {
    this.isAway = true;
    for (const socket of this.sockets) if (!but.includes(socket)) breakConnection(socket);
    setTimeout(() => (this.isAway = false), ms);
  }
}

/** One connection, and its open transaction. */
class Session {
  /** The client is already gone, but PostgreSQL has not noticed yet. */
  isLate = false;
  private readonly frames = new PostgresFrames(true);
  private readonly answers = new PostgresFrames(false);
  private readonly prepared = new Map<string, string>();
  private transaction: string[] | undefined;
  private fate: Fate | undefined;

  constructor(
    private readonly decide: Decide,
    private readonly client: Socket,
    private readonly target: Socket,
  ) {}

  said(bytes: Buffer): void {
    for (const frame of this.frames.read(bytes)) {
      const statement = this.statementIn(frame);
      if (statement !== undefined) this.fate ??= this.follow(statement);
      if (this.fate === 'unsent') return this.reset();
      if (this.fate === 'late') void this.deliverLate(frame.bytes);
      else this.target.write(frame.bytes);
    }
    if (this.fate === 'raced') this.reset();
  }

  answered(bytes: Buffer): void {
    if (!this.fate) {
      this.client.write(bytes);
      return;
    }
    // Ready for the next query: everything before it is done.
    for (const { letter } of this.answers.read(bytes)) if (letter === 'Z') this.reset();
  }

  /** The statement that a message executes, if any. */
  private statementIn({ letter, body }: PostgresFrame): string | undefined {
    if (letter === 'Q') return textsOf(body, 1)[0];
    const [name = '', text = ''] = textsOf(body, 2);
    if (letter === 'P') this.prepared.set(name, text);
    // A portal, and the statement that it was bound to.
    return letter === 'B' ? this.prepared.get(text) : undefined;
  }

  private follow(statement: string): Fate | undefined {
    if (/^\s*(begin|start transaction)/i.test(statement)) {
      this.transaction = [];
      return undefined;
    }
    const { transaction } = this;
    const isCommit = /^\s*commit/i.test(statement);
    if (isCommit || /^\s*rollback/i.test(statement)) this.transaction = undefined;
    else transaction?.push(statement);
    if (!transaction) return this.decide(statement);
    return isCommit ? this.decide(transaction.join(';\n')) : undefined;
  }

  private async deliverLate(bytes: Buffer): Promise<void> {
    this.isLate = true;
    breakConnection(this.client);
    await delay(LATE_MS);
    if (!this.target.destroyed) this.target.write(bytes);
  }

  private reset(): void {
    breakConnection(this.client);
    breakConnection(this.target);
  }
}
