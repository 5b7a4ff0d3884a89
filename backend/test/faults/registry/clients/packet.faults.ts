import type { Fault } from '../../fault.js';
import { type FateOf, PacketProxy } from '../../stage/roads/packet-proxy.js';
import type { Random } from '../../stage/random.js';
import type { Scene } from '../../stage/scene.js';
import { scaled } from '../../../../testing/pace.js';

const SHARE = 0.15;
/** Smaller, since a lost command is repeated only after four seconds. */
const LOST_SHARE = 0.06;
/** Longer than several commits take, shorter than a tab waits for an acknowledgement. */
const LONGEST_DELAY_MS = 300;
/** Longer than a reply takes: a duplicate after its end could call the model again. */
const LONGEST_ECHO_MS = scaled(1_500);

/** Decides for each packet separately, in both directions. */
const drop =
  (random: Random): FateOf =>
  () =>
    random.next() < LOST_SHARE ? [] : [0];
const double =
  (random: Random): FateOf =>
  () =>
    random.next() < SHARE ? [0, random.between(0, LONGEST_ECHO_MS)] : [0];
const hold =
  (random: Random): FateOf =>
  () =>
    random.next() < SHARE ? [random.between(1, LONGEST_DELAY_MS)] : [0];

/** Two tabs behind the proxy and one beside it send, rename and wait, while the proxy disturbs packets. */
async function amid(scene: Scene, fateOf: (random: Random) => FateOf): Promise<void> {
  const proxy = scene.keep(await PacketProxy.start(() => scene.stage.server.port));
  const tabs = [await scene.open({ port: proxy.port }), await scene.open({ port: proxy.port }), await scene.open()];
  const [asking, other] = tabs;
  if (!asking || !other) throw new RangeError('At least two tabs');
  scene.touch();
  proxy.become(fateOf(scene.random));
  const first = await scene.ask(asking, { tokens: 80, delayMs: 5, expected: 'completed' });
  await scene.ask(other, { tokens: 40, delayMs: 5, expected: 'completed' });
  const { conversationId } = first;
  await other.insist('conversation:update', { conversationId, title: 'Renamed meanwhile' });
  await scene.ended();
  await scene.ask(other, { tokens: 40, delayMs: 5, conversationId, expected: 'completed' });
  await scene.ended();
  scene.expect('L3', proxy.touched > 0, 'the proxy did nothing');
  proxy.become();
}

/** Faults of single Socket.IO packets, in both directions. */
export const packetFaults: readonly Fault[] = [
  { name: 'packets are dropped', rules: ['L3', 'L6', 'L10'], rounds: [0, 20], run: (scene) => amid(scene, drop) },
  { name: 'packets arrive twice', rules: ['L1', 'L6', 'L10'], rounds: [1, 20], run: (scene) => amid(scene, double) },
  {
    name: 'packets arrive late and out of order',
    rules: ['L1', 'L3', 'L10'],
    rounds: [1, 20],
    run: (scene) => amid(scene, hold),
  },
  {
    name: 'packets are dropped, doubled and late at once',
    rules: ['L1', 'L3', 'L6', 'L10'],
    rounds: [0, 30],
    run: (scene) =>
      amid(scene, (random) => {
        const fates = [drop, double, hold].map((make) => make(random));
        return (frame, side) => random.pick(fates)(frame, side);
      }),
  },
];
