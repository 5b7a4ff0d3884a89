import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../fault.js';
import type { Attempt } from '../../stage/numbered-model.js';
import type { Turn, TurnOptions, Scene } from '../../stage/scene.js';
import type { ServerProcess } from '../../stage/server-process.js';
import type { Tab } from '../../stage/tabs/tab.js';
import { TcpProxy } from '../../stage/roads/tcp-proxy.js';

const TOKEN_EVERY_MS = 250;
const HELD_TOKEN_EVERY_MS = 2_500;
const TOKENS = 100;
/** How many tokens are sent at most while a reply is held. */
const HELD_TOKENS = 68;

/** The promise for a release: of a hundred replies at most one is cut short. */
const ALLOWED_SHARE = 0.01;

/** A reply of some seconds: shorter than the server waits during a shutdown. */
const answer = (scene: Scene) => ({ tokens: scene.random.between(8, 32), delayMs: TOKEN_EVERY_MS });

/** Replies that continue until they are released, and end some seconds later, like those that a restart meets. */
class HeldAnswers {
  isHeld = true;

  options(scene: Scene): TurnOptions {
    const pieces = scene.random.between(8, 32);
    return { tokens: TOKENS, play: (attempt) => this.send(attempt, pieces) };
  }

  private async send(attempt: Attempt, pieces: number): Promise<void> {
    let sent = 0;
    for (; this.isHeld && sent < HELD_TOKENS; sent += 1) {
      await attempt.tokens(1);
      await delay(HELD_TOKEN_EVERY_MS);
    }
    const size = Math.ceil((TOKENS - sent) / pieces);
    for (; sent < TOKENS; sent += size) {
      await delay(TOKEN_EVERY_MS);
      await attempt.tokens(Math.min(size, TOKENS - sent));
    }
    await attempt.end();
  }
}

/** Sends questions in each tab in sequence. @returns once all of them are being answered */
async function askMany(scene: Scene, tabs: readonly Tab[], count: number, held: HeldAnswers): Promise<void> {
  const asking = tabs.map(async (tab) => {
    const turns: Turn[] = [];
    while (turns.length < count / tabs.length) turns.push(await scene.ask(tab, held.options(scene)));
    return turns;
  });
  const turns = (await Promise.all(asking)).flat();
  await scene.until(() => turns.every(({ plan }) => plan.sent > 0), 'every answer has begun', 90_000);
}

/** Stops a server as a supervisor does. New connections go to another one from now on, as its readiness demands. */
async function retire(scene: Scene, server: ServerProcess): Promise<void> {
  const code = await server.end('SIGTERM');
  scene.expect('L5', code === 0, `a server ended with ${String(code)}:\n${server.lastOutput}`);
}

/** Restarts during a release, one process after the other. */
export const rollingFaults: readonly Fault[] = [
  {
    name: 'a rolling restart with 100 running answers',
    rules: ['L3', 'L5', 'L6', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 3],
    // The product's own lease and drain times, and a higher limit for tabs that subscribe to everything.
    patches: [],
    env: { DRAIN_MS: '20000', MAX_SUBSCRIPTIONS_PER_SOCKET: '500', MODEL_BETWEEN_TOKENS_MS: '20000' },
    async run(scene) {
      const { stage } = scene;
      const first = stage.server;
      await using second = await stage.spawn();
      await second.ready();
      const balancer = scene.keep(await TcpProxy.start(first.port));
      const here = [await scene.open({ port: balancer.port }), await scene.open({ port: balancer.port })];
      balancer.targetPort = second.port;
      const there = [await scene.open({ port: balancer.port }), await scene.open({ port: balancer.port })];
      const [heldHere, heldThere] = [new HeldAnswers(), new HeldAnswers()];
      await Promise.all([askMany(scene, here, 50, heldHere), askMany(scene, there, 50, heldThere)]);

      scene.touch();
      const retiring = retire(scene, first);
      heldHere.isHeld = false;
      // Users of the server that stops continue to send.
      const asking = here.map((tab) => scene.ask(tab, answer(scene)));
      const third = await stage.spawn();
      await Promise.all([third.ready(), retiring]);
      await Promise.all(asking);

      balancer.targetPort = third.port;
      stage.adopt(third);
      const alsoRetiring = retire(scene, second);
      heldThere.isHeld = false;
      const askingAgain = there.map((tab) => scene.ask(tab, answer(scene)));
      await alsoRetiring;
      await Promise.all(askingAgain);
      await scene.ended();
      const rows = await scene.evidence.query(
        `select status, count(*) as runs from runs where user_id = $1 group by status`,
        [scene.person.userId],
      );
      const counts = new Map(rows.map(({ status, runs }) => [String(status), Number(runs)]));
      const completed = counts.get('completed') ?? 0;
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const cut = total - completed;
      scene.expect('L6', total === scene.turns.length, `${scene.turns.length} were asked, ${total} answered`);
      scene.expect(
        'L5',
        cut <= total * ALLOWED_SHARE,
        `${cut} of ${total} answers were cut short: ${JSON.stringify([...counts])}`,
      );
    },
  },
];
