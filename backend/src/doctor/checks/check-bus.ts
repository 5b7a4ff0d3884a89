import { randomBytes } from 'node:crypto';
import type { Config } from '../../config/config.js';
import { PostgresChannel } from '../../database/postgres/postgres-channel.js';
import { LimitedClient } from '../../database/postgres/limited-client.js';
import { SERVING } from '../../database/postgres/postgres-limits.js';
import { postgresFailure } from '../../database/postgres/postgres-failure.js';
import { within } from '../../common/within.js';
import { messageOf, networkReason } from '../ask.js';
import { type Check, type Found, ok, problem } from '../findings.js';

const ARRIVES_WITHIN_MS = 3_000;
const CONNECT_MS = 5_000;
/** Sharded channels came with this version. */
const LEAST_REDIS = 7;

/** What carries events between processes: Redis, or the notifications of PostgreSQL. */
export function checkBus({ bus, database }: Config): readonly Check[] {
  if (bus.kind === 'redis') return [checkOf(() => askRedis(bus.url))];
  if (bus.kind === 'none' || database.kind === 'sqlite') return [];
  return [checkOf(() => notify(database.url, bus.url))];
}

const checkOf = (run: () => Promise<readonly Found[]>): Check => ({ area: 'bus', limitMs: 12_000, run });

async function askRedis(url: string): Promise<readonly Found[]> {
  const { host } = new URL(url);
  // Loaded only where Redis is used: it takes much memory.
  const { createClient } = await import('redis');
  const client = createClient({ url, socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false } });
  // The promises reject with the same error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const version = /^(?:redis|valkey)_version:(\S+)/m.exec(await client.info('server'))?.[1] ?? '';
    const isOld = Number.parseInt(version, 10) < LEAST_REDIS;
    return [(isOld ? problem : ok)(isOld ? 'redis_old' : 'redis_ok', { host, version })];
  } catch (error) {
    return [problem('redis_unusable', { host, reason: networkReason(error) })];
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/**
 * Listens to a channel of its own, and notifies it over another connection, because some poolers return a client's own
 * notifications to it. A database that cannot be reached is reported by its own check.
 */
async function notify(url: string, listenUrl: string | undefined): Promise<readonly Found[]> {
  const name = `lockstep_doctor_${randomBytes(6).toString('hex')}`;
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const notified = (): void => resolve();
  const channel = new PostgresChannel(
    { connectionString: listenUrl ?? url },
    { name, notified, lost: () => undefined },
  );
  const sender = new LimitedClient({ connectionString: url }, SERVING);
  sender.on('error', () => undefined);
  try {
    const refusal = await connected(channel, sender, listenUrl);
    if (refusal) return refusal;
    await sender.query('select pg_notify($1, $2)', [name, '']);
    const hasArrived = await within(ARRIVES_WITHIN_MS, arrived);
    const variable = listenUrl === undefined ? 'DATABASE_URL' : 'LISTEN_DATABASE_URL';
    return [hasArrived ? ok('notifications_ok') : problem('notifications_lost', { variable })];
  } finally {
    channel.close();
    await sender.end();
  }
}

async function connected(
  channel: PostgresChannel,
  sender: LimitedClient,
  listenUrl: string | undefined,
): Promise<readonly Found[] | undefined> {
  try {
    await sender.connect();
  } catch {
    return [];
  }
  try {
    await channel.connect();
    return undefined;
  } catch (error) {
    if (listenUrl === undefined) return [];
    const reason = postgresFailure(listenUrl, error) ?? messageOf(error);
    return [problem('database_unusable', { reason: reason.replaceAll('DATABASE_URL', 'LISTEN_DATABASE_URL') })];
  }
}
