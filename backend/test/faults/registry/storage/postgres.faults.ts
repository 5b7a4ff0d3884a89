import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from '../../fault.js';
import { longestPause } from '../../stage/longest-pause.js';
import { onOwnCluster } from '../../stage/services/own-cluster.js';
import type { Ending } from '../../stage/services/postgres-cluster.js';
import type { Turn, Scene } from '../../stage/scene.js';
import { scaled } from '../../../../testing/pace.js';

/** No shorter times: the limits under test match the real lease. */
const REAL_TIMES: Fault['patches'] = [];
/** How many transactions a server runs at once. */
const TRANSACTIONS = 5;

/** A lock is waited for in turns of 2 s, up to 10 s; and before that a connection, for the same time. */
const REFUSED_WITHIN_MS = scaled(24_000);

/** Renames a conversation over HTTP. */
async function rename(
  { stage, person, random }: Scene,
  { conversationId }: Turn,
): Promise<{ readonly status: number; readonly tookMs: number }> {
  const from = performance.now();
  const { status } = await fetch(`http://127.0.0.1:${stage.server.port}/api/conversations/${conversationId}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: `Not now ${random.between(1, 1e6)}` }),
  });
  return { status, tookMs: performance.now() - from };
}

/** Runs `during` while another session holds the rows that a statement locks. */
async function whileLocked(
  scene: Scene,
  statement: string,
  during: (other: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client(scene.stage.databaseUrl);
  await client.connect();
  try {
    await client.query('begin');
    await client.query(statement);
    await during(client);
    await client.query('rollback');
  } finally {
    await client.end();
  }
}

/** Makes about a third of the inserts into a table fail with an error code, while `during` runs. */
async function failing(scene: Scene, table: string, code: string, during: () => Promise<void>): Promise<void> {
  const { evidence } = scene;
  await evidence.query(`create or replace function fail_sometimes() returns trigger language plpgsql as $body$
    begin
      if random() < 0.3 then raise exception 'a conflict' using errcode = '${code}'; end if;
      return new;
    end $body$`);
  await evidence.query(
    `create or replace trigger failing before insert on ${table} for each row execute function fail_sometimes()`,
  );
  try {
    await during();
  } finally {
    await evidence.query(`drop trigger failing on ${table}`);
  }
}

/** Faults that only PostgreSQL has. */
export const postgresFaults: readonly Fault[] = [
  {
    name: 'another session locks conversations until every transaction waits',
    rules: ['L5', 'L6', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 10],
    patches: REAL_TIMES,
    async run(scene) {
      const tab = await scene.open();
      const locked: Turn[] = [];
      for (let n = 0; n < TRANSACTIONS + 2; n += 1) locked.push(await scene.ask(tab, { tokens: 1 }));
      await scene.ended();
      const going = await scene.ask(tab, { tokens: 900, delayMs: 10, expected: 'completed' });
      await scene.shows(tab, going, 5);
      const ids = locked.map(({ conversationId }) => `'${conversationId}'`).join(', ');
      const lock = `select id from conversations where id in (${ids}) for update`;
      await whileLocked(scene, lock, async () => {
        const pause = longestPause(tab, going, delay(8_000));
        const answers = await Promise.all(locked.map((turn) => rename(scene, turn)));
        for (const { status, tookMs } of answers) {
          scene.expect('L6', status === 503, `a command on a locked conversation was answered ${status}`);
          scene.expect('L6', tookMs < REFUSED_WITHIN_MS, `and after ${Math.round(tookMs)} ms`);
        }
        const pauseMs = await pause;
        scene.expect('L10', pauseMs < 2_000, `an answer stood still for ${Math.round(pauseMs)} ms`);
      });
      const from = performance.now();
      await scene.ask(tab, { tokens: 3, expected: 'completed' });
      const tookMs = performance.now() - from;
      scene.expect('L10', tookMs < 5_000, `after the locks a question waited for ${Math.round(tookMs)} ms`);
      await scene.ended();
    },
  },
  {
    name: 'another session locks rows of a running reply for 4 s',
    rules: ['L3', 'L5', 'L10'],
    databases: ['postgresql'],
    rounds: [0, 6],
    patches: REAL_TIMES,
    async run(scene) {
      const tab = await scene.open();
      const locked = await scene.ask(tab, { tokens: 300, delayMs: 30, expected: 'completed' });
      const other = await scene.ask(tab, { tokens: 300, delayMs: 30, expected: 'completed' });
      for (const turn of [locked, other]) await scene.shows(tab, turn, scene.random.between(1, 20));
      const lock = scene.random.pick([
        `select id from runs where id = '${scene.runOf(locked)}' for update`,
        `select seq from stream_heads where stream = '${locked.stream}' for update`,
      ]);
      await whileLocked(scene, lock, async () => {
        const pauseMs = await longestPause(tab, other, delay(4_000));
        scene.expect('L10', pauseMs < 2_000, `another answer stood still for ${Math.round(pauseMs)} ms`);
      });
      await scene.ended();
    },
  },
  {
    name: 'transactions fail with deadlocks and serialization failures',
    rules: ['L1', 'L3', 'L5', 'L6'],
    databases: ['postgresql'],
    rounds: [0, 20],
    async run(scene) {
      const tab = await scene.open();
      const table = scene.random.pick(['conversation_history', 'runs', 'stream_events', 'journal']);
      const code = scene.random.pick(['40001', '40P01', '55P03']);
      await failing(scene, table, code, async () => {
        const asking = Array.from({ length: 6 }, () =>
          scene.ask(tab, { tokens: 60, delayMs: 5, expected: 'completed' }),
        );
        await Promise.all(asking);
        await scene.ended();
      });
    },
  },
  {
    name: 'a deadlock with another session',
    rules: ['L5', 'L6'],
    databases: ['postgresql'],
    rounds: [0, 6],
    async run(scene) {
      const tab = await scene.open();
      const first = await scene.ask(tab, { tokens: 1, expected: 'completed' });
      await scene.ended();
      const { conversationId } = first;
      const head = `select * from stream_heads where stream = 'user:${scene.person.userId}' for update`;
      await whileLocked(scene, head, async (other) => {
        // The server has locked the conversation, and waits for the head of the user's stream.
        const asking = scene.ask(tab, { tokens: 5, conversationId, expected: 'completed' });
        await scene.until(
          async () => (await scene.evidence.query(WAITING)).length > 0,
          'the server waits for the lock',
        );
        // PostgreSQL ends one of the two transactions.
        await other.query('select id from conversations where id = $1 for update', [conversationId]);
        await other.query('rollback');
        await asking;
      });
      await scene.ended();
    },
  },
  {
    name: 'PostgreSQL is stopped in the middle of an answer, and started again',
    rules: ['L1', 'L2', 'L3', 'L5', 'L6'],
    databases: ['postgresql'],
    rounds: [0, 8],
    run: (scene) =>
      onOwnCluster(scene, async (own, cluster) => {
        const tab = await own.open();
        const turn = await own.ask(tab, { tokens: 400, delayMs: 5 });
        await own.shows(tab, turn, own.random.between(1, 20));
        const asking = delay(own.random.between(0, 300)).then(() => own.ask(tab, { tokens: 5 }));
        await cluster.down(own.random.pick<Ending>(['SIGINT', 'SIGQUIT', 'SIGKILL']));
        await delay(own.random.between(0, 3_000));
        await cluster.up();
        await asking;
        await own.ended();
      }),
  },
];

const WAITING = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
