import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fault } from '../../fault.js';
import type { Scene } from '../../stage/scene.js';
import { ServerBuild } from '../../stage/server-build.js';
import type { ServerProcess } from '../../stage/server-process.js';
import { Stage } from '../../stage/stage.js';
import { scaled } from '../../../../testing/pace.js';

const PRELOAD = pathToFileURL(resolve('backend/test/faults/stage/preloads/kill.preload.ts')).href;
const killingAt = (statement: number, signal = 'SIGKILL'): Record<string, string> => ({
  NODE_OPTIONS: `--import=${PRELOAD}`,
  KILL_AT: String(statement),
  KILL_WITH: signal,
});

/** The approximate number of statements of a first start: beyond it the server runs. */
const FIRST_START = 200;
/** The same for the migrations that the older version does not have. */
const MIGRATION = 120;
/** Statements that create tables. Before them, PostgreSQL does not wait for a connection that is being opened. */
const MAKING_TABLES = [12, 170] as const;
/** The time for a start on a busy machine. */
const START_MS = scaled(120_000);
/** The number of migrations of the older version. */
const OLDER = 3;

/** An older version of this program, by its migrations. */
const olderBuild = (): ServerBuild =>
  ServerBuild.copy([
    { file: 'migrations/index.js', find: 'export const MIGRATIONS =', replace: 'const all =' },
    {
      file: 'migrations/index.js',
      find: '//# sourceMappingURL=index.js.map',
      replace: `export const MIGRATIONS = all.slice(0, ${OLDER});`,
    },
  ]);

/** Leftovers of killed backups before migrations. */
function leftOver({ dataDir }: Stage): readonly string[] {
  const folder = `${dataDir}/backups`;
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('.unfinished')) : [];
}

async function epochOf(stage: Stage): Promise<unknown> {
  await using evidence = await stage.evidence();
  const [row] = await evidence.query(`select value from meta where key = 'epoch'`);
  return row?.['value'];
}

/** The server starts on the leftovers; the database is intact and has the same epoch. */
async function startsOn(scene: Scene, stage: Stage, epoch?: unknown): Promise<void> {
  const server = await stage.up();
  await using evidence = await stage.evidence();
  await evidence.signIn('Bea');
  const [row, ...more] = await evidence.query(`select value from meta where key = 'epoch'`);
  scene.expect('L1', server.isAlive && row !== undefined && more.length === 0, 'the database has not one epoch');
  scene.expect('L1', epoch === undefined || row?.['value'] === epoch, 'the database has another epoch than before');
}

/** Statements of other connections that wait for a lock. */
const WAITING = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/** Follows a start. `ended` resolves with the error if it failed. */
function whenReady(server: ServerProcess): { isOver: boolean; readonly ended: Promise<unknown> } {
  const ended = server.ready().then(
    () => undefined,
    (error: unknown) => error,
  );
  const start = { isOver: false, ended };
  void ended.then(() => (start.isOver = true));
  return start;
}

/** First starts and upgrades, and kills during them. */
export const startFaults: readonly Fault[] = [
  {
    name: 'kill -9 at any statement of the first start',
    rules: ['L1'],
    rounds: [0, 20],
    async run(scene) {
      await using stage = await Stage.prepare(scene.stage.build);
      await using first = await stage.spawn(stage.databaseUrl, killingAt(scene.random.between(1, FIRST_START)));
      await Promise.race([first.ended(), first.ready().catch(() => undefined)]);
      await first.end();
      await startsOn(scene, stage);
    },
  },
  {
    name: 'kill -9 at any statement of a migration',
    rules: ['L1', 'L2'],
    rounds: [0, 20],
    async run(scene) {
      using older = olderBuild();
      await using before = await Stage.prepare(older);
      const made = await before.command(older.program('migrate'));
      scene.expect('L1', made.code === 0, `the older version could not start: ${made.said}`);
      const epoch = await epochOf(before);
      const { build } = scene.stage;
      const at = scene.random.between(1, MIGRATION);
      const killed = await before.command(build.program('migrate'), [], killingAt(at));
      scene.expect('L1', killed.code === null || /^\d+ statements/m.test(killed.said), `it said ${killed.said}`);
      const stage = before.withBuild(build);
      try {
        await startsOn(scene, stage, epoch);
        const left = leftOver(stage);
        scene.expect('L1', left.length === 0, `left behind: ${left.join(', ')}`);
      } finally {
        if (stage.isUp) await stage.server.end();
      }
    },
  },
  {
    name: 'two first starts at once',
    rules: ['L1'],
    databases: ['postgresql'],
    rounds: [0, 10],
    async run(scene) {
      await using stage = await Stage.prepare(scene.stage.build);
      await using evidence = await stage.evidence();
      // The first one stops somewhere; the other one gets as far as it can.
      const at = scene.random.between(...MAKING_TABLES);
      await using one = await stage.spawn(stage.databaseUrl, killingAt(at, 'SIGSTOP'));
      const starting = whenReady(one);
      const hasStopped = (): boolean => starting.isOver || one.lastOutput.includes('SIGSTOP at');
      await scene.until(hasStopped, 'the first one stops', START_MS);
      await using other = await stage.spawn();
      const alsoStarting = whenReady(other);
      const waits = async (): Promise<boolean> => (await evidence.query(WAITING)).length > 0;
      const hasCome = async (): Promise<boolean> => alsoStarting.isOver || (await waits());
      await scene.until(hasCome, 'the other one is there, or waits', START_MS);
      one.signal('SIGCONT');
      for (const { ended } of [starting, alsoStarting]) {
        const failure = await ended;
        scene.expect('L1', failure === undefined, `a server did not start beside another one: ${String(failure)}`);
      }
      const epochs = await evidence.query(`select value from meta where key = 'epoch'`);
      const twice = await evidence.query('select name from migrations group by name having count(*) > 1');
      scene.expect('L1', epochs.length === 1, `${epochs.length} epochs`);
      scene.expect('L1', twice.length === 0, `${twice.length} migrations were carried out twice`);
    },
  },
];
