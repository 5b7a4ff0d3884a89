import { setTimeout as delay } from 'node:timers/promises';
import { IsolationLevel, type MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { ChatError } from '../protocol/index.js';
import { classifyDatabaseError } from './database-error.js';

export type EntityManager = SqlEntityManager;

/** For the few statements that the two databases do not share. */
export const isPostgres = (em: EntityManager): boolean => em.getPlatform().constructor.name.startsWith('Postgre');

/** How long a transaction that meets a lock is tried again before the caller is told. */
const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * The one way to the database: each call is one transaction with an entity manager of its own.
 *
 * SQLite has a single connection, so every other caller waits while a transaction is open, and a transaction that
 * awaits another one never ends. Await nothing but queries inside.
 */
export class Database {
  constructor(
    private readonly orm: MikroORM,
    readonly kind: 'sqlite' | 'postgresql',
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** Reads from one consistent state of the database. */
  read<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    if (this.kind === 'sqlite') return this.transact(work, { readOnly: true });
    return this.transact(work, { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true });
  }

  /**
   * Reads and writes; commits when `work` resolves, rolls back when it rejects. `work` runs again after a conflict
   * with another transaction, so it must not do anything that cannot be done twice.
   *
   * @throws ChatError `storage` when the database cannot write: locked for too long, full, read-only or away.
   */
  write<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.transact(work, {});
  }

  /** Whether the database answers. */
  async isReachable(): Promise<boolean> {
    return this.orm.isConnected();
  }

  private async transact<T>(
    work: (em: EntityManager) => Promise<T>,
    options: { isolationLevel?: IsolationLevel; readOnly?: boolean },
  ): Promise<T> {
    const deadline = Date.now() + this.patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const em = this.orm.em.fork() as EntityManager;
        return await em.transactional((inner) => work(inner), options);
      } catch (error) {
        if (error instanceof ChatError) throw error;
        const kind = classifyDatabaseError(error);
        if (kind === 'other') throw error;
        if (kind === 'unavailable' || Date.now() + pauseMs > deadline) {
          throw new ChatError('storage', 'The database cannot be written at the moment.', { cause: error });
        }
        // Random, so that two processes that collided do not collide again.
        await delay(pauseMs * (0.5 + Math.random()));
      }
    }
  }
}
