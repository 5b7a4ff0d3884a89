import type { Fault } from '../../fault.js';
import { TcpProxy } from '../../stage/roads/tcp-proxy.js';
import { ALLOWED_SHARE, answer, askMany, endsOf, HeldAnswers, retire } from './release-load.js';

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
      const { total, cut, counts } = await endsOf(scene);
      scene.expect('L6', total === scene.turns.length, `${scene.turns.length} were asked, ${total} answered`);
      scene.expect(
        'L5',
        cut <= total * ALLOWED_SHARE,
        `${cut} of ${total} answers were cut short: ${JSON.stringify([...counts])}`,
      );
    },
  },
];
