import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { classifyDatabaseError } from '../../src/database/database-error.js';
import { LimitedClient } from '../../src/database/postgres/limited-client.js';
import { type PostgresLimits, SERVING } from '../../src/database/postgres/postgres-limits.js';
import { limitedPool, openPool } from '../../src/database/postgres/postgres-pool.js';
import { Silence } from '../../src/database/postgres/silence.js';
import { SilentRoad } from '../faults/stage/roads/silent-road.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { scaled } from '../../testing/pace.js';

const QUICK: PostgresLimits = { ...SERVING, connectMs: 1_500, answerMs: 500 };
const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'answered',
    (error: unknown) => error,
  );

/** Blocks this process, like one that is stopped or starved of CPU time. */
const freeze = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe('a connection to PostgreSQL that is open and silent', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(async () => database[Symbol.asyncDispose]());

  it('is given up: its query fails as a connection error, and the next one at once', async () => {
    await using road = await SilentRoad.start(database.url);
    const silence = new Silence();
    const client = new LimitedClient({ connectionString: road.url }, QUICK, silence);
    client.on('error', () => undefined);
    await client.connect();
    await client.setUp();
    await client.query('begin');
    expect(silence.ms).toBe(0);
    road.silence('answered');
    const asked = client.query('select 1');
    expect(silence.ms).toBeGreaterThan(0);
    const failure = await failureOf(asked);
    expect(failure).toMatchObject({ name: 'NoAnswer', code: 'ETIMEDOUT' });
    expect(classifyDatabaseError(failure)).toBe('unavailable');
    const from = performance.now();
    expect(classifyDatabaseError(await failureOf(client.query('rollback')))).toBe('unavailable');
    expect(performance.now() - from).toBeLessThan(scaled(QUICK.answerMs));
    expect(silence.ms).toBe(0);
  });

  it('is kept when the answer came while this process was blocked', async () => {
    const client = new LimitedClient({ connectionString: database.url }, QUICK);
    client.on('error', () => undefined);
    await client.connect();
    await client.setUp();
    const asked = client.query('select 1 as one');
    freeze(2 * QUICK.answerMs);
    expect((await asked).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  it('is closed without waiting for an answer', async () => {
    await using road = await SilentRoad.start(database.url);
    const client = new LimitedClient({ connectionString: road.url }, QUICK);
    await client.connect();
    road.silence('both');
    const from = performance.now();
    await client.end();
    expect(performance.now() - from).toBeLessThan(scaled(4_000));
  });

  it('is replaced by its pool', async () => {
    await using road = await SilentRoad.start(database.url);
    const pool = openPool({ connectionString: road.url, ...limitedPool(1, QUICK) });
    expect((await pool.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '2s' }]);
    const client = await pool.connect();
    road.silence('asked');
    expect(await failureOf(client.query('select 1'))).toMatchObject({ name: 'NoAnswer' });
    client.release();
    expect(pool.totalCount).toBe(0);
    road.speak('lost');
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('fails in time when it cannot be opened, and when all connections are in use', async () => {
    await using road = await SilentRoad.start(database.url);
    const pool = openPool({ connectionString: road.url, ...limitedPool(1, QUICK), connectionTimeoutMillis: 3_000 });
    const client = await pool.connect();
    expect(classifyDatabaseError(await failureOf(pool.connect()))).toBe('unavailable');
    client.release(true);
    road.silenceNew();
    expect(classifyDatabaseError(await failureOf(pool.connect()))).toBe('unavailable');
    await pool.end();
  });
});
