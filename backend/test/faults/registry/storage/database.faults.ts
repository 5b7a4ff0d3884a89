import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from '../../fault.js';
import { emptyDisk, fillDisk } from '../../stage/database-harm.js';
import type { Scene } from '../../stage/scene.js';

/** Faults of the database. */
export const databaseFaults: readonly Fault[] = [
  {
    name: 'the disk is full for a while',
    rules: ['L2', 'L3', 'L5'],
    databases: ['sqlite'],
    rounds: [1, 10],
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 150, delayMs: 5, expected: 'completed' });
      await scene.shows(tab, turn, scene.random.between(1, 20));
      fillDisk(scene.stage);
      await delay(scene.random.between(100, 1_200));
      emptyDisk(scene.stage);
    },
  },
  {
    name: 'the disk is full for longer than an answer can be kept',
    rules: ['L2', 'L5'],
    databases: ['sqlite'],
    rounds: [1, 3],
    env: { MODEL_MAX_REPLY_LENGTH: '10000000' },
    async run(scene) {
      const tab = await scene.open();
      const token = (number: number): string => `${number} `.padEnd(20_000, '.');
      const turn = await scene.ask(tab, { tokens: 60, delayMs: 20, token, expected: 'failed' });
      await scene.shows(tab, turn, 1);
      fillDisk(scene.stage);
      await scene.until(() => turn.plan.sent > 40 || scene.stage.model.openAnswers === 0, 'more than 1 MiB waits');
      await scene.until(() => scene.stage.model.openAnswers === 0, 'the model was let go', 5_000);
      emptyDisk(scene.stage);
      await scene.ended();
    },
  },
  {
    name: 'PostgreSQL ends every connection and takes none for 2 s',
    rules: ['L2', 'L3', 'L5', 'L6'],
    databases: ['postgresql'],
    rounds: [1, 10],
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 150, delayMs: 5 });
      await scene.shows(tab, turn, scene.random.between(1, 20));
      const asking = delay(200).then(() => scene.ask(tab, { tokens: 5 }));
      await withoutPostgres(scene, 2_000);
      await asking;
    },
  },
];

/** Runs in another database of the same server, since this one accepts no connections in the meantime. */
async function withoutPostgres({ stage }: Scene, ms: number): Promise<void> {
  const name = new URL(stage.databaseUrl).pathname.slice(1);
  const administrator = new pg.Client(process.env['TEST_DATABASE_URL']);
  await administrator.connect();
  try {
    await administrator.query(`alter database ${name} allow_connections false`);
    await administrator.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    await delay(ms);
    await administrator.query(`alter database ${name} allow_connections true`);
  } finally {
    await administrator.end();
  }
}
