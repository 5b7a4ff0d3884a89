import { type ClientBase, type ClientConfig, Pool, type PoolConfig } from 'pg';
import { LimitedClient } from './limited-client.js';
import { FREE_WITHIN_MS, type PostgresLimits } from './postgres-limits.js';
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
    connectionTimeoutMillis: FREE_WITHIN_MS,
    // The pool calls it with its own options, which the types do not say, and waits for what `onConnect` returns.
    Client: PoolClient as unknown as NonNullable<PoolConfig['Client']>,
    onConnect: setUp,
  };
}

/** Opens a pool that survives connections which break while they are idle, or between two statements. */
export function openPool(options: PoolConfig): Pool {
  const pool = new Pool(options);
  // Whoever uses the connection is told as well; the pool has let go of it already.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
