/**
 * Clients that only listen to the bus between processes: they simulate more processes than the machine has CPUs for.
 *
 *     PORT=4401 LISTENERS=98 DATABASE_URL=... node bench/speed/systems/bare-listeners.ts
 *     PORT=4401 LISTENERS=98 REDIS_URL=... ROOMS=id,id node bench/speed/systems/bare-listeners.ts
 */
import { createServer } from 'node:http';
import pg from 'pg';
import { createClient } from 'redis';

const { LISTENERS, DATABASE_URL, REDIS_URL, ROOMS = '', PORT } = process.env;
const rooms = ROOMS.split(',');

/** Like every process on PostgreSQL. */
async function listenToPostgres(): Promise<void> {
  const client = new pg.Client({ connectionString: DATABASE_URL });
  await client.connect();
  await client.query('listen lockstep');
}

/** Like a process in which one tab follows one of the conversations. */
async function listenToRedis(channels: readonly string[], at: number): Promise<void> {
  const client = createClient({ url: REDIS_URL ?? '' });
  await client.connect();
  await client.sSubscribe(channels[at % channels.length] ?? '', () => undefined);
}

/** The channels of the rooms, to which servers have subscribed. */
async function channelsOfRooms(): Promise<readonly string[]> {
  const client = createClient({ url: REDIS_URL ?? '' });
  await client.connect();
  const channels = (await client.sendCommand(['PUBSUB', 'SHARDCHANNELS', 'lockstep:*'])) as unknown as string[];
  client.destroy();
  return channels.filter((channel) => rooms.some((room) => channel.endsWith(room)));
}

const channels = REDIS_URL === undefined ? [] : await channelsOfRooms();
for (let at = 0; at < Number(LISTENERS); at += 1) {
  await (REDIS_URL === undefined ? listenToPostgres() : listenToRedis(channels, at));
}
createServer((_request, response) => response.end()).listen(Number(PORT), '127.0.0.1');
