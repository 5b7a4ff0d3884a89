import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../database/database.js';
import { ADMIN_STREAM } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { StreamSources } from '../../streams/log/stream-sources.js';
import { COUNT_CONNECTED, RENEW_PRESENCE } from './presence.statements.js';
import { clearDeadProcesses, readOnline, writePresence } from './presence-rows.js';

/** How long a user stays online without a socket: longer than the reload of a page. */
const ABSENCE_MS = 2_000;
/** Changes within this time are written together: after a restart all users come at once. */
const GATHER_MS = 50;
const HEARTBEAT_MS = 10_000;
/** How soon a changed number of sockets is written for other processes, and told to admins. */
const COUNT_MS = 1_000;
/** Three heartbeats and a little more. */
const DEAD_AFTER_MS = 35_000;
/** A negative age, which makes all rows count as dead, even rows with a time in the future. */
const EVERYTHING = -1e15;

/** The number of users with an open socket, and the number of sockets. */
export interface Connected {
  readonly users: number;
  readonly sockets: number;
}

/**
 * Keeps track of the users with an open tab. Each process counts its sockets in memory and writes its users to the
 * database, so that admins see the users of all processes, and those of dead processes can be removed.
 */
@Injectable()
export class Presence implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Presence.name);
  private readonly processId = uuidv7();
  private readonly sockets = new Map<string, number>();
  private readonly leaving = new Map<string, NodeJS.Timeout>();
  private readonly unwritten = new Map<string, boolean>();
  private writing: Promise<void> | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private counting: NodeJS.Timeout | undefined;
  /** The number of sockets of this process that admins know. */
  private publishedSockets = 0;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly sources: StreamSources,
  ) {}

  onModuleInit(): void {
    this.sources.register('admin', {
      mayRead: (_transaction, { role }) => Promise.resolve(role === 'admin'),
      snapshot: async (transaction) => ({ online: await readOnline(transaction) }),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    // Only one server uses a SQLite file: all rows at its start are those of a dead process.
    const deadAfterMs = this.database.kind === 'sqlite' ? EVERYTHING : DEAD_AFTER_MS;
    await this.log.write((transaction) => clearDeadProcesses(transaction, deadAfterMs));
    // A single process needs no heartbeat.
    if (this.database.kind === 'sqlite') return;
    this.heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.heartbeat);
    clearTimeout(this.counting);
    for (const timer of this.leaving.values()) clearTimeout(timer);
    this.leaving.clear();
    for (const userId of this.sockets.keys()) this.unwritten.set(userId, false);
    this.sockets.clear();
    await this.write();
  }

  /** Called for an accepted socket of the user. */
  opened(userId: string): void {
    const count = this.sockets.get(userId);
    this.sockets.set(userId, (count ?? 0) + 1);
    this.countSoon();
    clearTimeout(this.leaving.get(userId));
    this.leaving.delete(userId);
    if (count === undefined) this.note(userId, true);
  }

  /** Called when a socket that was counted by `opened` is closed. */
  closed(userId: string): void {
    const count = this.sockets.get(userId);
    if (!count) return;
    this.sockets.set(userId, count - 1);
    this.countSoon();
    if (count > 1) return;
    const leave = (): void => {
      this.leaving.delete(userId);
      this.sockets.delete(userId);
      this.note(userId, false);
    };
    this.leaving.set(userId, setTimeout(leave, ABSENCE_MS).unref());
  }

  /** Whether the user has a socket on this process, or had one two seconds ago. */
  isOnline(userId: string): boolean {
    return this.sockets.has(userId);
  }

  /** Counts of this process. */
  counts(): Connected {
    let users = 0;
    let sockets = 0;
    for (const count of this.sockets.values()) {
      // A user who is reloading a page has no socket and is not counted.
      if (count > 0) users += 1;
      sockets += count;
    }
    return { users, sockets };
  }

  /** Counts of all processes, including those that died a moment ago. */
  async connected(): Promise<Connected> {
    if (this.database.kind === 'sqlite') return this.counts();
    await this.writing;
    await this.renew();
    const [row] = await this.database.query(COUNT_CONNECTED, [DEAD_AFTER_MS]);
    return { users: Number(row?.['users']), sockets: Number(row?.['sockets']) };
  }

  private note(userId: string, isHere: boolean): void {
    this.unwritten.set(userId, isHere);
    void this.write();
  }

  /** Writes one batch of changes at a time: changes in the meantime are written together in the next commit. */
  private write(): Promise<void> {
    this.writing ??= this.drain().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async drain(): Promise<void> {
    while (this.unwritten.size > 0) {
      await delay(GATHER_MS);
      const changes = new Map(
        [...this.unwritten].map(([id, isHere]) => [id, isHere ? this.sockets.get(id) : undefined]),
      );
      this.unwritten.clear();
      try {
        await this.log.write((transaction) => writePresence(transaction, this.processId, changes));
      } catch (error) {
        // Presence is not essential: an outdated state is acceptable. The next change is written again.
        this.logger.warn('Presence could not be written', error);
      }
    }
  }

  /** Writes a changed number of sockets soon, and tells admins the number of all processes. */
  private countSoon(): void {
    this.counting ??= setTimeout(() => {
      this.counting = undefined;
      this.publishConnections().catch((error: unknown) => this.logger.warn('Sockets could not be counted', error));
    }, COUNT_MS).unref();
  }

  private async publishConnections(): Promise<void> {
    const { sockets } = this.counts();
    if (sockets === this.publishedSockets) return;
    const data = await this.connected();
    await this.log.write((transaction) => {
      transaction.append(ADMIN_STREAM, { type: 'connections.changed', data });
      return Promise.resolve();
    });
    this.publishedSockets = sockets;
  }

  private async beat(): Promise<void> {
    try {
      await this.renew();
      await this.log.write((transaction) => clearDeadProcesses(transaction, DEAD_AFTER_MS));
    } catch (error) {
      this.logger.warn('Presence could not be renewed', error);
    }
  }

  /**
   * Writes the heartbeat and the numbers of sockets. If rows are missing, others have considered this process dead: it
   * was suspended for a while, or the database's clock was set forward. Then they are written again.
   */
  private async renew(): Promise<void> {
    const people = [...this.sockets];
    if (people.length === 0) return;
    const rows = await this.database.once(RENEW_PRESENCE, [this.processId, JSON.stringify(people)]);
    const known = new Set(rows.map((row) => row['user_id']));
    for (const [userId] of people) {
      if (!known.has(userId) && this.sockets.has(userId)) this.note(userId, true);
    }
  }
}
