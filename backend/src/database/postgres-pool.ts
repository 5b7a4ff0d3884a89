import { type ClientBase, type ClientConfig, Pool, type PoolClient, type PoolConfig } from 'pg';
import { afterLastLook } from './last-look.js';
import { LimitedClient } from './limited-client.js';
import { POOL_WAITS_MS, type PostgresLimits } from './postgres-limits.js';
import type { Silence } from './silence.js';

/**
 * What makes a pool give up connections that are silent, and whoever waits for one too long.
 * @param silence is told of what is asked and not answered
 */
export function limitedPool(max: number, limits: PostgresLimits, silence?: Silence): PoolConfig {
  class PoolClient extends LimitedClient {
    constructor(config: ClientConfig) {
      super(config, limits, silence);
    }
  }
  const setUp = (client: ClientBase): unknown => (client as PoolClient).setUp();
  return {
    min: 1,
    max,
    connectionTimeoutMillis: POOL_WAITS_MS,
    // The pool calls it with its own options, which the types do not say, and waits for what `onConnect` returns.
    Client: PoolClient as unknown as NonNullable<PoolConfig['Client']>,
    onConnect: setUp,
  };
}

/**
 * From now on nobody waits longer than `freeMs` for a connection that is in use; one that is being made has a limit of its
 * own. Whoever's turn comes later than that passes it on at once.
 */
export function limitWaiting(pool: Pool, freeMs: number): void {
  const connect = pool.connect.bind(pool);
  const connectInTime = (): Promise<PoolClient> => {
    if (pool.totalCount < pool.options.max || pool.idleCount > 0) return connect();
    const { promise, resolve, reject } = Promise.withResolvers<PoolClient>();
    let isLate = false;
    const inTime = afterLastLook(freeMs, () => {
      isLate = true;
      reject(new Error('timeout exceeded when trying to connect: all connections are in use'));
    });
    connect().then(
      (client) => {
        inTime();
        if (isLate) client.release();
        else resolve(client);
      },
      (error: unknown) => {
        inTime();
        reject(error);
      },
    );
    return promise;
  };
  pool.connect = ((callback?: Parameters<typeof connect>[0]) =>
    callback ? connect(callback) : connectInTime()) as Pool['connect'];
}

/** Opens a pool that survives connections which break while they are idle, or between two statements. */
export function openPool(options: PoolConfig): Pool {
  const pool = new Pool(options);
  // Whoever uses the connection is told as well; the pool has let go of it already.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
