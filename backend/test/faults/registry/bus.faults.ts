import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import { RedisProcess } from '../stage/services/redis-process.js';
import type { Turn, Scene } from '../stage/scene.js';
import type { Patch } from '../stage/server-build.js';
import type { Tab } from '../stage/tabs/tab.js';
import { TcpProxy } from '../stage/roads/tcp-proxy.js';
import { QUICK_LEASE } from './processes/shutdown.faults.js';
import { scaled } from '../../../testing/pace.js';

/** The largest lag of a tab on another process without the bus, with a margin for a busy machine. */
const MOST_BEHIND_MS = scaled(2_000 + 1_000);
/** With the bus, only the margin. */
const MOST_BEHIND_WITH_BUS_MS = scaled(1_000);
const WATCHED_TOKENS = 300;

/** A silent connection is detected within ten seconds; this shortens the wait. */
const QUICK_PROBE: readonly Patch[] = [
  { file: 'src/streams/bus/lasting-connection.js', find: 'PROBE_EVERY_MS = 5_000', replace: 'PROBE_EVERY_MS = 500' },
  {
    file: 'src/streams/bus/lasting-connection.js',
    find: 'ANSWER_WITHIN_MS = 5_000',
    replace: 'ANSWER_WITHIN_MS = 1_000',
  },
  {
    file: 'src/streams/bus/redis-connection.js',
    find: 'ANSWER_WITHIN_MS = 5_000',
    replace: 'ANSWER_WITHIN_MS = 1_000',
  },
  {
    file: 'src/database/postgres/postgres-channel.js',
    find: "application_name: 'lockstep listener' }, SERVING)",
    replace: "application_name: 'lockstep listener' }, { ...SERVING, answerMs: 1_000 })",
  },
];

/** The service that carries notifications between the processes, behind a proxy. */
interface Carrier extends AsyncDisposable {
  readonly road: TcpProxy;
  /** The environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills it, and starts it again, empty. */
  restart(awayMs: number): Promise<void>;
  /** Pauses it, and lets it continue. */
  pause(ms: number): Promise<void>;
}

/** Only the connections for LISTEN and NOTIFY: PostgreSQL itself also serves other tests. */
async function notify({ stage }: Scene): Promise<Carrier> {
  const url = new URL(stage.databaseUrl);
  const road = await TcpProxy.start(Number(url.port || 5432));
  url.hostname = '127.0.0.1';
  url.port = String(road.port);
  return {
    road,
    env: { LISTEN_DATABASE_URL: url.href },
    async restart(awayMs) {
      road.refuse();
      road.cut();
      await delay(awayMs);
      road.accept();
    },
    async pause(ms) {
      road.become('stall');
      await delay(ms);
      road.become('pass');
    },
    [Symbol.asyncDispose]: () => road[Symbol.asyncDispose](),
  };
}

async function redis(): Promise<Carrier> {
  const server = await RedisProcess.start();
  const road = await TcpProxy.start(server.port);
  return {
    road,
    env: { REDIS_URL: `redis://127.0.0.1:${road.port}` },
    async restart(awayMs) {
      await server.kill();
      await delay(awayMs);
      await server.up();
    },
    async pause(ms) {
      server.signal('SIGSTOP');
      await delay(ms);
      server.signal('SIGCONT');
    },
    async [Symbol.asyncDispose]() {
      await road[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const CARRIERS = [
  { name: 'NOTIFY', start: notify, needs: {}, few: 1 },
  { name: 'Redis', start: redis, needs: { needs: 'redis-server' }, few: 0 },
] as const;

/** One reply, with a tab at the process that writes it and a tab at another process. */
interface Watched {
  readonly near: Tab;
  readonly far: Tab;
  readonly turn: Turn;
}

async function watch(scene: Scene, env: Readonly<Record<string, string>>): Promise<Watched> {
  const [one, two] = await Promise.all([scene.join(env), scene.join(env)]);
  const near = await scene.open({ port: one.port, name: 'near' });
  const far = await scene.open({ port: two.port, name: 'far' });
  const turn = await scene.ask(near, { tokens: WATCHED_TOKENS, delayMs: 15 });
  await scene.shows(far, turn, scene.random.between(1, 20));
  return { near, far, turn };
}

/** When each event of the stream first arrived at a tab. */
function arrivals({ recording }: Tab, stream: string): ReadonlyMap<number, number> {
  const at = new Map<number, number>();
  for (const entry of recording.entries) {
    if (entry.kind !== 'received' || entry.stream !== stream || at.has(entry.event.seq)) continue;
    at.set(entry.event.seq, entry.at);
  }
  return at;
}

/** The largest lag of the other tab, in milliseconds. */
function behind({ near, far, turn: { stream } }: Watched): number {
  const there = arrivals(far, stream);
  // Events before the subscription of the other tab are in its snapshot.
  const first = Math.min(...there.keys());
  const here = [...arrivals(near, stream)].filter(([seq]) => seq >= first);
  return Math.max(0, ...here.map(([seq, at]) => (there.get(seq) ?? Number.POSITIVE_INFINITY) - at));
}

/** Lets both processes write to the stream until the reply has ended and both tabs have all events. */
async function bothWrite(scene: Scene, { near, far, turn }: Watched): Promise<void> {
  const { conversationId, stream } = turn;
  const isRunning = async (): Promise<boolean> => (await scene.evidence.running(scene.person.userId)) > 0;
  for (let n = 0; await isRunning(); n += 1) {
    await far.insist('conversation:update', { conversationId, title: `Title ${n}` });
    await delay(scene.random.between(50, 300));
  }
  const last = (tab: Tab): number => Math.max(...arrivals(tab, stream).keys());
  await scene.until(() => last(far) >= last(near), 'the other tab has everything');
}

/** Disturbs the bus during a reply; the periodic look into the log limits the lag of every tab. */
async function whileHarmed(
  scene: Scene,
  start: (scene: Scene) => Promise<Carrier>,
  harm: (carrier: Carrier) => Promise<void>,
): Promise<void> {
  await using carrier = await start(scene);
  const watched = await watch(scene, carrier.env);
  const harmed = harm(carrier);
  await bothWrite(scene, watched);
  await harmed;
  const ms = behind(watched);
  scene.expect('L10', ms <= MOST_BEHIND_MS, `a tab on another process was ${ms} ms behind`);
  // The bus recovers by itself.
  carrier.road.become('pass');
  carrier.road.delayMs = 0;
  await scene.until(async () => (await lag(scene, watched)) <= MOST_BEHIND_WITH_BUS_MS, 'the bus works again', 30_000);
}

/** The lag of the other tab with a single event that no other event follows. */
async function lag(scene: Scene, { near, far, turn: { conversationId, stream } }: Watched): Promise<number> {
  const known = Math.max(0, ...arrivals(near, stream).keys());
  await near.insist('conversation:update', { conversationId, title: `After ${known}` });
  const has = (tab: Tab): boolean => arrivals(tab, stream).has(known + 1);
  await scene.until(() => has(near) && has(far), 'both tabs have the title');
  return (arrivals(far, stream).get(known + 1) ?? 0) - (arrivals(near, stream).get(known + 1) ?? 0);
}

/**
 * Faults of the bus between processes: notifications may be lost, events may not. The final status of replies is not
 * checked, since on a busy machine a lease may expire.
 */
export const busFaults: readonly Fault[] = [
  ...CARRIERS.flatMap(({ name, start, needs, few }): Fault[] => [
    {
      ...needs,
      name: `${name} between two processes is killed and restarted empty`,
      rules: ['L1', 'L3', 'L10'],
      databases: ['postgresql'],
      rounds: [few, 5],
      run: (scene) => whileHarmed(scene, start, (carrier) => carrier.restart(scene.random.between(0, 3_000))),
    },
    {
      ...needs,
      name: `${name} between two processes is paused`,
      rules: ['L1', 'L3', 'L10'],
      databases: ['postgresql'],
      rounds: [0, 3],
      run: (scene) => whileHarmed(scene, start, (carrier) => carrier.pause(scene.isThorough ? 60_000 : 3_000)),
    },
    {
      ...needs,
      name: `${name} between two processes takes 2 s for each command`,
      rules: ['L1', 'L3', 'L10'],
      databases: ['postgresql'],
      rounds: [0, 3],
      async run(scene) {
        await whileHarmed(scene, start, (carrier) => {
          carrier.road.delayMs = 2_000;
          return Promise.resolve();
        });
      },
    },
    {
      ...needs,
      name: `${name} between two processes is cut off without a reset`,
      rules: ['L1', 'L3', 'L10'],
      databases: ['postgresql'],
      rounds: [0, 3],
      patches: QUICK_PROBE,
      async run(scene) {
        await whileHarmed(scene, start, async ({ road }) => {
          road.become('swallow');
          // Stays half-open: a process that keeps this connection would never receive anything again.
          road.abandon();
          await delay(scene.random.between(0, 3_000));
          road.become('pass');
        });
      },
    },
  ]),
  {
    name: 'no bus between two processes',
    rules: ['L1', 'L3', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 3],
    async run(scene) {
      const watched = await watch(scene, { LISTEN_NOTIFY: 'off' });
      await bothWrite(scene, watched);
      const ms = behind(watched);
      scene.expect('L10', ms <= MOST_BEHIND_MS, `a tab on another process was ${ms} ms behind`);
    },
  },
  {
    name: 'kill -9 of one of three processes, with tabs and answers on all',
    rules: ['L1', 'L2', 'L3', 'L5', 'L8', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 10],
    patches: QUICK_LEASE,
    async run(scene) {
      const servers = [scene.stage.server, ...(await Promise.all([scene.join(), scene.join()]))];
      const roads = await Promise.all(servers.map(({ port }) => scene.openRoad(port)));
      const tabs = await Promise.all(roads.map(({ port }) => scene.open({ port })));
      const turns = await Promise.all(tabs.map((tab) => scene.ask(tab, { tokens: 300, delayMs: 15 })));
      for (const tab of tabs) for (const { stream } of turns) tab.follow(stream);
      for (const tab of tabs) for (const turn of turns) await scene.shows(tab, turn, 1);
      await delay(scene.random.between(0, 1_000));
      const victim = scene.random.between(0, servers.length - 1);
      const diedAt = Date.now();
      for (const [at, server] of servers.entries()) {
        if (at !== victim) continue;
        await server.end('SIGKILL');
        scene.outages.push({ diedAt, backAt: Number.POSITIVE_INFINITY });
      }
      // Its tabs reconnect to another process, as through a proxy. The others are not disturbed.
      for (const [at, tab] of tabs.entries()) if (at === victim) tab.isTouched = true;
      for (const [at, road] of roads.entries()) {
        if (at === victim) road.targetPort = servers[(victim + 1) % servers.length]?.port ?? 0;
      }
      await scene.ended();
      const [near, far] = tabs.filter((_, at) => at !== victim);
      for (const turn of turns) {
        if (!near || !far) continue;
        await scene.until(
          () => near.cursors.get(turn.stream) === far.cursors.get(turn.stream),
          'both remaining tabs have everything',
        );
        const ms = Math.max(behind({ near, far, turn }), behind({ near: far, far: near, turn }));
        scene.expect('L10', ms <= MOST_BEHIND_MS, `a tab was ${ms} ms behind the one on the other remaining process`);
      }
    },
  },
];
