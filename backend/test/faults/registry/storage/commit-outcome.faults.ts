import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../fault.js';
import type { Fate } from '../../stage/roads/postgres-proxy.js';
import type { Turn, Scene } from '../../stage/scene.js';
import type { Patch } from '../../stage/server-build.js';
import type { Tab } from '../../stage/tabs/tab.js';
import { actsOf, commandsOf } from '../clients/commands-once.js';
import { QUICK_LEASE } from '../processes/shutdown.faults.js';

/** Commits, recognised by their statements. */
const OF_DELTAS = /claim as materialized/;
const OF_A_BEGINNING = /insert into runs /;
const OF_AN_END = /update runs set status/;
const ANY_OF_THEM = new RegExp([OF_DELTAS, OF_A_BEGINNING, OF_AN_END].map(({ source }) => source).join('|'));

/** The server does not know the outcome; most of these commits were carried out. */
const UNKNOWN: readonly Fate[] = ['unanswered', 'unanswered', 'late', 'raced'];

/** How many commits are disturbed per round: starting a server for fewer would be wasteful. */
const TIMES = 25;
const AT_ONCE = 9;

/** Deltas wait after a refusal; this shortens the wait. */
const PATCHES: readonly Patch[] = [
  ...QUICK_LEASE,
  {
    file: 'src/streams/journal/committer.js',
    find: 'PAUSE_AFTER_REFUSAL_MS = 250',
    replace: 'PAUSE_AFTER_REFUSAL_MS = 10',
  },
];

/** Disturbs the next `times` of these commits; returns whether all were. */
function strike({ stage, random }: Scene, commits: RegExp, fates: readonly Fate[], times = TIMES): () => boolean {
  const road = stage.databaseRoad;
  const upTo = road.struck + times;
  road.decide = (statements) => (road.struck < upTo && commits.test(statements) ? random.pick(fates) : undefined);
  return () => road.struck >= upTo;
}

const askSome = (scene: Scene, tab: Tab, tokens: number): Promise<Turn[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, () => scene.ask(tab, { tokens, delayMs: 2, expected: 'completed' })));

/** Makes replies until enough of their commits were disturbed; each reply must be complete. */
const answersWhile =
  (commits: RegExp, fates: readonly Fate[], tokens: number) =>
  async (scene: Scene): Promise<void> => {
    const tab = await scene.open();
    const isDone = strike(scene, commits, fates);
    while (!isDone()) {
      await askSome(scene, tab, tokens);
      await scene.ended();
    }
  };

/** The commit of each other command is disturbed once, and the command is carried out once. */
const commandsUnder =
  (fates: readonly Fate[]) =>
  async (scene: Scene): Promise<void> => {
    const { evidence, person } = scene;
    await evidence.query(`update users set role = 'admin' where id = $1`, [person.userId]);
    const tab = await scene.open();
    for (const commands of [commandsOf(scene, tab), actsOf(scene, tab)]) {
      for await (const command of commands) {
        const isStruck = strike(scene, command.commits, fates, 1);
        await command.act();
        scene.expect('L6', await command.done(), `${command.name} was not carried out once`);
        scene.expect('L6', isStruck(), `${command.name} has no commit that was struck`);
      }
    }
  };

/** SQLite carries some commits out and reports a failure; for others the failure is real. */
const LYING_COMMITS: readonly Patch[] = [
  {
    file: 'src/database/sqlite/sqlite-driver.js',
    find: 'run(statement, values) {',
    replace: `run(statement, values) {
        // A server that cannot write at its start would not start.
        this.isLying ||= statement.sqlite.includes('insert into runs');
        const chance = this.isLying && statement.sqlite === 'commit' ? Math.random() : 1;
        if (chance < 0.3) {
            if (chance < 0.2) this.native.exec('commit');
            throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
        }`,
  },
];

const common = { databases: ['postgresql'], hasDatabaseRoad: true, patches: PATCHES } as const;

/** Commits with an unknown outcome: a proxy between the server and PostgreSQL disturbs them. */
export const commitOutcomeFaults: readonly Fault[] = [
  {
    ...common,
    name: `${TIMES} commits of deltas are not answered`,
    rules: ['L2', 'L3', 'L5', 'L7'],
    rounds: [0, 40],
    run: answersWhile(OF_DELTAS, UNKNOWN, 40),
  },
  {
    ...common,
    name: `${TIMES} commits of messages are not answered`,
    rules: ['L6', 'L2', 'L5'],
    rounds: [1, 40],
    run: answersWhile(OF_A_BEGINNING, UNKNOWN, 4),
  },
  {
    ...common,
    name: `${TIMES} commits of ends are not answered`,
    rules: ['L5', 'L2', 'L10'],
    rounds: [0, 40],
    run: answersWhile(OF_AN_END, UNKNOWN, 4),
  },
  {
    ...common,
    name: `${TIMES} commits of deltas, messages and ends do not arrive`,
    rules: ['L2', 'L5', 'L6'],
    rounds: [0, 10],
    run: answersWhile(ANY_OF_THEM, ['unsent'], 20),
  },
  {
    ...common,
    name: 'a commit is not answered, and PostgreSQL stays away beyond the time limit',
    rules: ['L5', 'L6'],
    rounds: [0, 20],
    patches: [
      ...PATCHES,
      { file: 'src/database/database.js', find: 'PATIENCE_MS = 10_000', replace: 'PATIENCE_MS = 500' },
    ],
    async run(scene) {
      const tab = await scene.open();
      const isStruck = strike(scene, OF_A_BEGINNING, UNKNOWN, 1);
      scene.stage.databaseRoad.awayMs = scene.random.between(1_000, 2_000);
      await scene.ask(tab, { tokens: 5, expected: 'completed' });
      scene.expect('L6', isStruck(), 'no commit was struck');
      await scene.ended();
    },
  },
  {
    ...common,
    name: 'a commit is not answered, and the message is sent again to another process',
    rules: ['L5', 'L6', 'L10'],
    rounds: [0, 20],
    async run(scene) {
      const { stage, random } = scene;
      await using other = await stage.spawn(stage.databaseUrl);
      await other.ready();
      const [here, there] = [await scene.open(), await scene.open({ port: other.port })];
      for (let times = 0; times < AT_ONCE; times += 1) {
        const isStruck = strike(scene, OF_A_BEGINNING, UNKNOWN, 1);
        const turn = scene.prepare({ tokens: 5, expected: 'completed' });
        const again = scene.until(isStruck, 'the commit is struck').then(async () => {
          await delay(random.between(0, 100));
          await scene.send(there, turn);
        });
        await Promise.all([scene.send(here, turn), again]);
        for (const tab of [here, there]) tab.follow(turn.stream);
      }
      await scene.ended();
      // Stop that process before the views of the tabs are compared.
      there.close();
    },
  },
  {
    ...common,
    name: 'the commit of each other command is not answered',
    rules: ['L6', 'L1', 'L4', 'L10'],
    rounds: [0, 20],
    run: commandsUnder(UNKNOWN),
  },
  {
    ...common,
    name: 'the commit of each other command does not arrive',
    rules: ['L6', 'L1', 'L4', 'L10'],
    rounds: [0, 10],
    run: commandsUnder(['unsent']),
  },
  {
    name: 'SQLite reports commits as failed, carried out or not',
    rules: ['L1', 'L2', 'L3', 'L5', 'L6'],
    databases: ['sqlite'],
    rounds: [0, 20],
    patches: [...LYING_COMMITS, ...PATCHES],
    async run(scene) {
      const tab = await scene.open();
      for (let times = 0; times < 4; times += 1) {
        await askSome(scene, tab, 40);
        await scene.ended();
      }
    },
  },
];
