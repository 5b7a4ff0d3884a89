import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fault } from '../../fault.js';
import type { Scene } from '../../stage/scene.js';
import { ServerBuild } from '../../stage/server-build.js';
import type { ServerProcess } from '../../stage/server-process.js';
import { Stage } from '../../stage/stage.js';
import { scaled } from '../../../support/pace.js';

const PRELOAD = pathToFileURL(resolve('backend/test/faults/stage/preloads/kill.preload.ts')).href;
const killingAt = (statement: number, signal = 'SIGKILL'): Record<string, string> => ({
  NODE_OPTIONS: `--import=${PRELOAD}`,
  KILL_AT: String(statement),
  KILL_WITH: signal,
});

/** How many statements the first start gives to its database, about: beyond them the server runs. */
const FIRST_START = 200;
/** The same of the migrations that the older version does not know. */
const MIGRATION = 120;
/** While tables are made. Before, PostgreSQL does not wait for a connection that is not made to its end. */
const MAKING_TABLES = [12, 170] as const;
/** A start on a busy machine. */
const START_MS = scaled(120_000);
/** How many migrations the older version knows. */
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

/** What backups before migrations left behind that were killed. */
function leftOver({ dataDir }: Stage): readonly string[] {
  const folder = `${dataDir}/backups`;
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('.unfinished')) : [];
}

async function epochOf(stage: Stage): Promise<unknown> {
  await using evidence = await stage.evidence();
  const [row] = await evidence.query(`select value from meta where key = 'epoch'`);
  return row?.['value'];
}

/** The server starts on what was left, and the database is whole and lives on as the same. */
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

/** Follows a start. `ended` resolves with what the server failed with, if it did. */
function whenReady(server: ServerProcess): { isOver: boolean; readonly ended: Promise<unknown> } {
  const ended = server.ready().then(
    () => undefined,
    (error: unknown) => error,
  );
  const start = { isOver: false, ended };
  void ended.then(() => (start.isOver = true));
  return start;
}

/** First starts, upgrades, and what becomes of them when they are killed. */
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
      // The first one stops somewhere; the other one comes as far as it can meanwhile.
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
