import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bus, BusEnds } from '../../src/streams/bus/bus.js';
import { headerOf, linesOf, readLine } from '../../src/streams/bus/bus-message.js';
import { NotifyBus } from '../../src/streams/bus/notify-bus.js';
import { RedisBus } from '../../src/streams/bus/redis-bus.js';
import { EventBatch } from '../../src/streams/log/committed-batch.js';
import { until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { LogProcess } from './log-bench.js';

const postgres = process.env['TEST_DATABASE_URL'];
const redis = process.env['TEST_REDIS_URL'];

/** Records what a process receives, and the state of its connection. */
class Recorder {
  readonly events: string[] = [];
  connections = 0;
  failures: unknown[] = [];

  get ends(): BusEnds {
    return {
      received: (message) => {
        for (const line of linesOf(message, headerOf(0))) {
          const item = readLine(line, () => true);
          if (item?.kind === 'events') this.events.push(`${item.batch.stream} ${item.batch.lastSeq}`);
        }
      },
      connected: () => (this.connections += 1),
      failed: (error) => this.failures.push(error),
    };
  }
}

const batchOf = (stream: string, seq: number): EventBatch =>
  new EventBatch(stream, 'epoch', [{ seq, type: 'conversation.deleted', at: 5, data: { id: 'x' } }]);

const open: Disposable[] = [];
const opened = <B extends Bus>(bus: B): B => {
  open.push(bus);
  return bus;
};
afterEach(() => {
  for (const bus of open.splice(0)) bus[Symbol.dispose]();
});

/** A server that answers every command with an error. */
async function fakeRedis(error: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const commands = bytes
        .toString()
        .split('\r\n')
        .filter((line) => line.startsWith('*')).length;
      socket.write(`-${error}\r\n`.repeat(commands));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
const urlOf = (server: Server): string => `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;

const reason = (url: string | undefined): string =>
  url === undefined ? ' (not run here: npm run test:services does)' : '';

describe('a bus on Redis', () => {
  it.each([
    ["ERR unknown command 'SPUBLISH'", /^REDIS_URL: this Redis has no sharded Pub\/Sub/],
    ['WRONGPASS invalid username-password pair', /^REDIS_URL: Redis refuses access: WRONGPASS/],
  ])('that answers %s is refused', async (error, sentence) => {
    const server = await fakeRedis(error);
    const bus = opened(new RedisBus(urlOf(server), 'test', 1));
    await expect(bus.start(new Recorder().ends)).rejects.toThrow(sentence);
    server.close();
  });

  it('that is unreachable is retried, and messages published until then are dropped', async () => {
    const server = await fakeRedis('ERR');
    const url = urlOf(server);
    server.close();
    const recorder = new Recorder();
    const bus = opened(new RedisBus(url, 'test', 1));
    await bus.start(recorder.ends);
    bus.follow('conversation:one');
    for (let seq = 1; seq < 100; seq += 1) bus.publish(batchOf('conversation:one', seq));
    bus.unfollow('conversation:one');
    expect(recorder.connections).toBe(0);
    expect(recorder.failures).toHaveLength(1);
  });

  (redis === undefined ? it.skip : it)(`delivers a stream to its subscribers only${reason(redis)}`, async () => {
    const installation = crypto.randomUUID();
    const [one, other] = [1, 2].map((process) => opened(new RedisBus(redis ?? '', installation, process)));
    const recorder = new Recorder();
    await one?.start(new Recorder().ends);
    await other?.start(recorder.ends);
    other?.follow('conversation:one');
    const published = async (stream: string, from: number): Promise<boolean> => {
      one?.publish(batchOf(stream, from));
      return until(() => recorder.events.includes(`${stream} ${from}`), 'the event has arrived', 200).then(
        () => true,
        () => false,
      );
    };
    let seq = 0;
    await until(() => published('conversation:one', (seq += 1)), 'the subscription is there');
    expect(await published('conversation:two', 1)).toBe(false);
    other?.unfollow('conversation:one');
    await until(async () => !(await published('conversation:one', (seq += 1))), 'the subscription is gone');
    const known = recorder.events.length;
    expect(await published('conversation:one', (seq += 1))).toBe(false);
    expect(recorder.events).toHaveLength(known);
  });
});

(postgres === undefined ? describe.skip : describe)(`a bus of PostgreSQL${reason(postgres)}`, () => {
  let test: TestDatabase;
  let process: LogProcess;
  beforeAll(async () => {
    test = await createTestDatabase();
    process = await LogProcess.open(test);
  });
  afterAll(async () => {
    await process[Symbol.asyncDispose]();
    await test[Symbol.asyncDispose]();
  });

  it('delivers everything to all processes', async () => {
    const [one, other] = [1, 2].map((number) => opened(new NotifyBus(process.database, undefined, number)));
    const recorder = new Recorder();
    await one?.start(new Recorder().ends);
    await other?.start(recorder.ends);
    for (let seq = 1; seq < 200; seq += 1) one?.publish(batchOf(`conversation:${seq % 7}`, seq));
    await until(() => recorder.events.length === 199, 'all events have arrived');
    expect(new Set(recorder.events).size).toBe(199);
  });

  it('that delivers no notifications is refused, with a remedy', async () => {
    // Notifications belong to one database. A pooler in transaction mode swallows them too.
    const bus = opened(new NotifyBus(process.database, postgres, 1));
    await expect(bus.start(new Recorder().ends)).rejects.toThrow(
      /^LISTEN_DATABASE_URL: notifications .* do not arrive/,
    );
  });
});
