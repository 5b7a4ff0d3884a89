import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { emptyDisk, fillDisk, lockFor } from '../faults/stage/database-harm.js';
import type { Installation } from './installation.js';

/** A fault of a few seconds; afterwards the installation is as before. */
export interface Harm {
  readonly name: string;
  readonly databases?: readonly ('sqlite' | 'postgresql')[];
  /** With a single process, its death restarts the measurement: allowed only in the first half of the warm-up. */
  readonly isDeath?: true;
  run(installation: Installation): Promise<void>;
}

/** Long enough to be noticed, short enough that no other process takes over. */
const somewhile = ({ random }: Installation): Promise<void> => delay(random.between(500, 3_000));

async function withPostgres({ stage }: Installation, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(stage.databaseUrl);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

export const HARMS: readonly Harm[] = [
  { name: 'kill -9', isDeath: true, run: (installation) => installation.kill() },
  {
    name: 'SIGSTOP, SIGCONT',
    async run(installation) {
      const process = installation.random.pick(installation.processes);
      process.signal('SIGSTOP');
      await somewhile(installation);
      process.signal('SIGCONT');
    },
  },
  {
    name: 'sockets are cut',
    run({ roads, random }) {
      for (const road of roads) {
        for (let time = random.between(1, 40); time > 0; time -= 1) {
          if (road.connections > 0) road.cutOne((count) => random.between(0, count - 1));
        }
      }
      return Promise.resolve();
    },
  },
  {
    name: 'sockets stall',
    async run(installation) {
      const road = installation.random.pick(installation.roads);
      road.become('stall');
      await somewhile(installation);
      road.become('pass');
    },
  },
  {
    name: 'the model stalls',
    async run(installation) {
      installation.stage.modelRoad.become('stall');
      await somewhile(installation);
      installation.stage.modelRoad.become('pass');
    },
  },
  {
    name: 'the model is cut off',
    run: ({ stage }) => Promise.resolve(stage.modelRoad.cut()),
  },
  {
    name: 'the disk is full',
    databases: ['sqlite'],
    async run(installation) {
      fillDisk(installation.stage);
      await somewhile(installation);
      emptyDisk(installation.stage);
    },
  },
  {
    name: 'the database is locked',
    databases: ['sqlite'],
    run: ({ stage, random }) => lockFor(stage, random.between(500, 3_000)),
  },
  {
    name: 'a table is locked',
    databases: ['postgresql'],
    run: (installation) =>
      withPostgres(installation, async (client) => {
        await client.query('begin');
        await client.query('lock table stream_heads in share row exclusive mode');
        await somewhile(installation);
        await client.query('rollback');
      }),
  },
  {
    name: 'PostgreSQL ends every connection',
    databases: ['postgresql'],
    run: (installation) =>
      withPostgres(installation, (client) =>
        client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()`,
        ),
      ),
  },
];
