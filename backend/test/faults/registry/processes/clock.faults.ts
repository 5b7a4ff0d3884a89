import type { Fault } from '../../fault.js';
import { giveCookie, refresh, statusOf } from '../../stage/tabs/browser-session.js';
import { rightTime, setClock, SETTABLE_CLOCKS } from '../../stage/machine-clock.js';
import type { Scene } from '../../stage/scene.js';
import type { Patch } from '../../stage/server-build.js';
import type { ServerProcess } from '../../stage/server-process.js';
import { QUICK_LEASE } from './shutdown.faults.js';
import { scaled } from '../../../../testing/pace.js';

const TEN_MINUTES_BACK = -600_000;
const AN_HOUR_FORWARD = 3_600_000;
const STEPS = [TEN_MINUTES_BACK, 30_000, AN_HOUR_FORWARD] as const;
/** The reply takes longer than one second, the interval at which sockets are checked for expired tokens. */
const TOKENS = 300;
const PROMPTLY_MS = scaled(3_000);
/** `L8`, with a margin for a busy machine. */
const ORPHANED_MS = scaled(20_000 + 2_000);

/** The real heartbeat is 10 s, and a process counts as dead after 35 s; these shorten the wait. */
const QUICK_PRESENCE: readonly Patch[] = [
  { file: 'src/users/presence/presence.js', find: 'HEARTBEAT_MS = 10_000', replace: 'HEARTBEAT_MS = 200' },
  { file: 'src/users/presence/presence.js', find: 'DEAD_AFTER_MS = 35_000', replace: 'DEAD_AFTER_MS = 5_000' },
];

/** Makes connections use a `clock_timestamp` in the schema `public` instead of PostgreSQL's own. */
const SETTABLE_DATABASE_CLOCK: readonly Patch[] = [
  {
    file: 'src/database/postgres/postgres-limits.js',
    find: '`set statement_timeout = ${statementMs}`,',
    replace: '`set search_path = public, pg_catalog`, `set statement_timeout = ${statementMs}`,',
  },
  // So often that it looks at least once before the leases are renewed.
  { file: 'src/chat/runs/reaper.service.js', find: 'EVERY_MS = 2_500', replace: 'EVERY_MS = 200' },
];

/** Sets the clock of PostgreSQL ahead of the real time, or behind it. */
async function setDatabaseClock({ evidence }: Scene, aheadMs: number): Promise<void> {
  await evidence.query(`create or replace function public.clock_timestamp() returns timestamptz language sql volatile
    as $body$ select pg_catalog.clock_timestamp() + interval '${aheadMs} ms' $body$`);
}

/** A clock step during a reply has no other effect: all tabs stay connected, and commands are carried out promptly. */
async function answerAcross(scene: Scene, aheadMs: number): Promise<void> {
  const server = await rightTime(scene);
  const [tab, other] = [await scene.open(), await scene.open()];
  const turn = await scene.ask(tab, { tokens: TOKENS, delayMs: 5, expected: 'completed' });
  const long = await scene.ask(tab, {
    expected: 'stopped',
    async play(attempt) {
      await attempt.tokens();
      await attempt.answer.stall();
    },
  });
  await scene.shows(tab, turn, scene.random.between(1, 30));
  await setClock(scene, server, aheadMs);
  const askedAt = performance.now();
  const stop = await other.ask('run:stop', { runId: scene.runOf(long) });
  const answer = stop?.ok ? stop.data.status : stop?.error.code;
  scene.expect('L5', answer === 'stopped', `Stop was answered with ${String(answer)}`);
  await scene.ask(other, { tokens: 5, expected: 'completed' });
  const tookMs = performance.now() - askedAt;
  scene.expect('L6', tookMs < PROMPTLY_MS, `a stop and a message took ${Math.round(tookMs)} ms`);
  await scene.ended();
  expectConnected(scene);
}

function expectConnected(scene: Scene): void {
  for (const { recording } of scene.tabs) {
    const cuts = recording.entries.filter(({ kind }) => kind === 'disconnected').length;
    scene.expect('L9', cuts === 0, `${recording.tab} was cut off ${cuts} times`);
  }
}

/**
 * A browser whose tabs refresh in sequence, each at another process if there are two: the clock of one process steps in
 * between.
 */
async function refreshAcross(
  scene: Scene,
  servers: readonly ServerProcess[],
  step: () => Promise<void>,
): Promise<void> {
  const first = await giveCookie(scene);
  const tokens: string[] = [];
  let cookie = first;
  const renew = async (server: ServerProcess, given: string, what: string): Promise<void> => {
    const answer = await refresh(server, given);
    scene.expect('L9', answer.status === 200, `${what} was answered with ${answer.status}`);
    tokens.push(answer.accessToken);
    cookie = answer.cookie ?? cookie;
  };
  for (const [index, server] of servers.entries()) {
    const before = cookie;
    await renew(server, before, 'a refresh');
    if (index === 0) await step();
    // Another tab of the browser has sent the same cookie.
    await renew(servers.at(-1) ?? server, before, 'a refresh of another tab');
    await renew(server, cookie, 'the next refresh');
  }
  for (const token of tokens) {
    for (const server of servers) {
      const status = await statusOf(server, token);
      scene.expect('L9', status === 200, `a token of a moment ago was answered with ${status}`);
    }
  }
}

async function goneOffline({ evidence, person }: Scene): Promise<number> {
  const events = await evidence.query(
    `select data from stream_events where stream = 'admin' and type = 'presence.changed'`,
  );
  const changes = events.map(({ data }) => JSON.parse(String(data)) as { userId: string; online: boolean });
  return changes.filter(({ userId, online }) => userId === person.userId && !online).length;
}

/** Clocks that are set forward and back, and processes whose clocks differ. */
export const clockFaults: readonly Fault[] = [
  {
    name: 'the clock goes ten minutes back during an answer',
    rules: ['L5', 'L6', 'L9'],
    rounds: [1, 10],
    env: SETTABLE_CLOCKS,
    run: (scene) => answerAcross(scene, TEN_MINUTES_BACK),
  },
  {
    name: 'the clock goes an hour forward during an answer',
    rules: ['L5', 'L6', 'L9'],
    rounds: [0, 10],
    env: SETTABLE_CLOCKS,
    run: (scene) => answerAcross(scene, AN_HOUR_FORWARD),
  },
  {
    name: 'the clock is set while a session is refreshed',
    rules: ['L9'],
    rounds: [0, 12],
    env: SETTABLE_CLOCKS,
    async run(scene) {
      const server = await rightTime(scene);
      await refreshAcross(scene, [server], () => setClock(scene, server, scene.random.pick(STEPS)));
    },
  },
  {
    name: 'the clock of one of two processes is set, during an answer, a lease and a refresh',
    rules: ['L5', 'L7', 'L9'],
    databases: ['postgresql'],
    rounds: [0, 12],
    env: SETTABLE_CLOCKS,
    patches: [...QUICK_LEASE, ...QUICK_PRESENCE],
    async run(scene) {
      const server = await rightTime(scene);
      await using other = await scene.stage.spawn();
      await other.ready();
      const [near, far] = [await scene.open(), await scene.open({ port: other.port })];
      await setClock(scene, other, scene.random.pick(STEPS));
      const asked = [near, far].map((tab) => scene.ask(tab, { tokens: TOKENS, delayMs: 5, expected: 'completed' }));
      const [turn] = await Promise.all(asked);
      if (turn) await scene.shows(far, turn, scene.random.between(1, 30));
      const step = scene.random.pick(STEPS);
      await refreshAcross(scene, [other, server], () => setClock(scene, other, step));
      await scene.ended();
      const processes = await scene.evidence.query('select process_id from presence where user_id = $1', [
        scene.person.userId,
      ]);
      scene.expect('L9', processes.length === 2, `${processes.length} processes say that the person is there`);
      const gone = await goneOffline(scene);
      scene.expect('L9', gone === 0, `the person went offline ${gone} times`);
      expectConnected(scene);
      far.close();
    },
  },
  {
    name: "PostgreSQL's clock is set ten minutes forward or back, and then one of two processes dies",
    rules: ['L8', 'L5', 'L7', 'L9'],
    databases: ['postgresql'],
    rounds: [0, 10],
    patches: SETTABLE_DATABASE_CLOCK,
    async run(scene) {
      // A server that has prepared its statements keeps using the function that they were bound to.
      await setDatabaseClock(scene, 0);
      await scene.stage.server.end();
      const server = await scene.stage.up();
      await using other = await scene.stage.spawn();
      await other.ready();
      const way = await scene.openRoad(other.port);
      const [near, far] = [await scene.open(), await scene.open({ port: way.port })];
      // Longer than a lease lasts without renewal.
      const going = await scene.ask(near, { tokens: 12, delayMs: 1_000, expected: 'completed' });
      const left = await scene.ask(far, { tokens: 100, delayMs: 1_000, expected: 'interrupted' });
      for (const turn of [going, left]) await scene.shows(near, turn, scene.random.between(1, 3));
      await setDatabaseClock(scene, scene.random.pick([TEN_MINUTES_BACK, -TEN_MINUTES_BACK]));
      await scene.until(() => near.textOf(going.stream) === going.plan.text(), 'the answer has gone on to its end');
      expectConnected(scene);
      scene.touch();
      // By the wrong clock its token has expired.
      way.refuse();
      await other.end('SIGKILL');
      const hasEnded = async (): Promise<boolean> => (await scene.evidence.running(scene.person.userId)) === 0;
      await scene.until(hasEnded, 'the run of the process that died has ended', ORPHANED_MS);
      await setDatabaseClock(scene, 0);
      // Its view of the time is still wrong.
      await server.end();
      way.targetPort = (await scene.stage.up()).port;
      way.accept();
    },
  },
];
