import { type ClientBase, type ClientConfig, Pool, type PoolConfig } from 'pg';
import { LimitedClient } from './limited-client.js';
import { FREE_WITHIN_MS, type PostgresLimits } from './postgres-limits.js';
import type { Silence } from './silence.js';

/**
 * The options of a pool that closes connections without answers, and limits the wait for a free connection.
 * @param silence keeps track of unanswered queries
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
    // The pool passes its own options to the constructor, which the types lack, and awaits the result of `onConnect`.
    Client: PoolClient as unknown as NonNullable<PoolConfig['Client']>,
    onConnect: setUp,
  };
}

/** Opens a pool that survives connections which break while they are idle or between two statements. */
export function openPool(options: PoolConfig): Pool {
  const pool = new Pool(options);
  // The user of a connection gets the error too, and the pool has removed the connection.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
