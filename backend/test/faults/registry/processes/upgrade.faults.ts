import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { check } from '../../check/check.js';
import type { Fault } from '../../fault.js';
import { DATABASE, printTable } from '../../plan.js';
import { onFormerVersion } from '../../stage/former-scene.js';
import { whyNoFormerVersion } from '../../stage/former-version.js';
import { Balancer } from '../../stage/roads/balancer.js';
import type { Scene } from '../../stage/scene.js';
import type { ServerProcess } from '../../stage/server-process.js';
import { settle } from '../../stage/settle.js';
import type { Stage } from '../../stage/stage.js';
import type { Tab } from '../../stage/tabs/tab.js';
import { ALLOWED_SHARE, answer, askMany, endsOf, HeldAnswers, retire } from './release-load.js';

/** How many messages a tab sends at most while one process is replaced. */
const MOST_SENDS = 20;
const REFUSAL = 'was changed by a newer version of Lockstep';

/** Sends message after message, and counts those that fail for good. */
class Sending {
  failed = 0;
  isOver = false;

  constructor(private readonly scene: Scene) {}

  async from(tab: Tab): Promise<void> {
    for (let sent = 0; sent < MOST_SENDS && !this.isOver; sent += 1) {
      try {
        await this.scene.ask(tab, answer(this.scene));
      } catch (error) {
        this.failed += 1;
        this.scene.expect('L6', false, `a message was not sent: ${String(error)}`);
      }
    }
  }
}

/** Starts a new process beside the old ones, and stops one of these when it is ready. @returns the new one */
async function replace(
  scene: Scene,
  upgraded: Stage,
  balancer: Balancer,
  old: { readonly server: ServerProcess; readonly held: HeldAnswers },
): Promise<ServerProcess> {
  const fresh = scene.keep(await upgraded.spawn());
  await fresh.ready();
  await balancer.add(fresh);
  const retiring = retire(scene, old.server);
  old.held.isHeld = false;
  await retiring;
  return fresh;
}

/** A process of the version before that is started again in the middle of an upgrade. */
async function refusesToStart(scene: Scene): Promise<void> {
  await using late = await scene.stage.spawn();
  const code = await late.ended();
  const isRefused = code !== 0 && late.lastOutput.includes(REFUSAL);
  scene.expect('L1', isRefused, `an old process started on the new schema, or said: ${late.lastOutput}`);
}

/** What is counted after an upgrade. */
async function report(scene: Scene, failed: number): Promise<void> {
  const { total, cut, counts } = await endsOf(scene);
  const acknowledged = scene.turns.filter((turn) => turn.acknowledged.length > 0);
  const rows = await scene.evidence.query('select id from conversation_history where user_id = $1', [
    scene.person.userId,
  ]);
  const stored = new Set(rows.map(({ id }) => id));
  const lost = acknowledged.filter(({ acknowledged: [first] }) => !stored.has(first?.messageId)).length;
  const doubled = scene.turns.filter(({ plan }) => plan.asked > 1).length;
  printTable([
    ['messages sent', 'failed after retries', 'lost', 'doubled', 'answers', 'interrupted'],
    [scene.turns.length, failed, lost, doubled, total, cut],
  ]);
  scene.expect('L6', lost === 0 && doubled === 0, `${lost} lost, ${doubled} doubled`);
  scene.expect('L6', total === scene.turns.length - failed, `${scene.turns.length} were asked, ${total} answered`);
  const inWords = `${cut} of ${total} answers were cut short: ${JSON.stringify([...counts])}`;
  scene.expect('L5', cut <= total * ALLOWED_SHARE, inWords);
}

async function upgradeOneByOne(scene: Scene, upgraded: Stage): Promise<void> {
  const { stage } = scene;
  const [first, second] = [stage.server, scene.keep(await stage.spawn())];
  await second.ready();
  const balancer = scene.keep(await Balancer.start(first, second));
  const tabs: Tab[] = [];
  while (tabs.length < 4) tabs.push(await scene.open({ port: balancer.port }));
  // The balancer takes turns, and begins with the second server.
  const [there, here] = [0, 1].map((turn) => tabs.filter((_, at) => at % 2 === turn)) as [Tab[], Tab[]];
  const olds = [
    { server: first, held: new HeldAnswers() },
    { server: second, held: new HeldAnswers() },
  ] as const;
  const each = scene.isThorough ? 50 : 10;
  await Promise.all([askMany(scene, here, each, olds[0].held), askMany(scene, there, each, olds[1].held)]);
  scene.touch();
  let failed = 0;
  for (const old of olds) {
    const sending = new Sending(scene);
    const sends = tabs.map((tab) => sending.from(tab));
    const fresh = await replace(scene, upgraded, balancer, old);
    if (old === olds[0]) await refusesToStart(scene);
    stage.adopt(fresh);
    sending.isOver = true;
    await Promise.all(sends);
    failed += sending.failed;
  }
  await scene.ended();
  await report(scene, failed);
  scene.seen.push(...check(await settle(scene)));
}

/** The file of a backup that the server or the restore has made itself. */
function backupNamed(scene: Scene, name: string): string {
  const file = globSync(`${scene.stage.dataDir}/backups/${name}-*`).sort().at(-1);
  if (file === undefined) throw new Error(`There is no backup ${name}`);
  return file;
}

async function carryOut(stage: Stage, program: string, file: string): Promise<void> {
  const { code, said } = await stage.command(stage.build.program(program), [file]);
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${said}`);
}

/** The steps of "Going back" in docs/upgrading.md, and the way forward again with what was written meanwhile. */
async function goBack(scene: Scene, upgraded: Stage): Promise<void> {
  const { stage } = scene;
  const quick = { tokens: 20, delayMs: 2, expected: 'completed' } as const;
  const tab = await scene.open();
  const early = await scene.ask(tab, quick);
  await scene.ended();
  const isPostgres = stage.kind === 'postgresql';
  const copy = `${stage.dataDir}/before-upgrade.backup`;
  if (isPostgres) await carryOut(stage, 'backup', copy);
  await stage.server.end('SIGTERM');
  const start = async (version: Stage): Promise<void> => {
    const server = scene.keep(await version.spawn());
    await server.ready();
    stage.adopt(server);
    scene.touch();
  };
  await start(upgraded);
  const late = await scene.ask(tab, quick);
  await scene.ended();
  await scene.shows(tab, late, 20);

  await stage.server.end('SIGTERM');
  if (isPostgres) await carryOut(upgraded, 'restore', copy);
  else await carryOut(stage, 'restore', backupNamed(scene, 'before-migration'));
  await start(stage);
  const back = await scene.open();
  back.follow(early.stream);
  await scene.shows(back, early, 20);
  const gone = await back.ask('stream:subscribe', { stream: late.stream });
  scene.expect(
    'L2',
    gone?.ok === false && gone.error.code === 'not_found',
    'what came after the backup is still there',
  );
  const { conversationId } = early;
  const again = await scene.ask(back, { ...quick, conversationId });
  await scene.ended();
  await scene.shows(back, again, 20);

  await stage.server.end('SIGTERM');
  await carryOut(upgraded, 'restore', backupNamed(scene, 'before-restore'));
  await start(upgraded);
  const forward = await scene.open();
  forward.follow(late.stream);
  await scene.shows(forward, late, 20);
}

const whyNotBack = (): string | undefined =>
  DATABASE === 'postgresql' && spawnSync('pg_dump', ['--version']).error
    ? 'pg_dump is not installed'
    : whyNoFormerVersion();

/** Upgrades from the version before to this one, and back. */
export const upgradeFaults: readonly Fault[] = [
  {
    name: 'a rolling upgrade from the version before',
    rules: ['L3', 'L5', 'L6', 'L10'],
    databases: ['postgresql'],
    rounds: [1, 1],
    // The product's own times.
    patches: [],
    whyNot: whyNoFormerVersion,
    run: (scene) => onFormerVersion(scene, upgradeOneByOne),
  },
  {
    name: 'going back to the version before by restoring',
    rules: ['L2'],
    rounds: [1, 1],
    patches: [],
    whyNot: whyNotBack,
    run: (scene) => onFormerVersion(scene, goBack),
  },
];
