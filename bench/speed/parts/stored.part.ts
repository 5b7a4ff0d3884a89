import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { runAnswers } from '../load/answers.ts';
import { Turns } from '../load/turns.ts';
import { partOf, type Step } from './part.ts';
import type { LockstepSystem } from '../systems/lockstep-system.ts';
import type { Row } from '../report/rows.ts';
import { startLockstep, warmUp } from '../systems/start-system.ts';
import type { StatementCounts } from '../report/statements.preload.ts';
import { appeared } from '../load/appeared.ts';

const TURNS = 40;
/** Long answers, so that questions and message rows hardly count. */
const ANSWERS = { answers: 20, rate: 50, seconds: 4 };
const TOKENS = ANSWERS.answers * ANSWERS.rate * ANSWERS.seconds;
const SETTLE_MS = 500;

const statements: Row = { key: 'turn-statements', title: 'one turn, SQL statements', unit: '' };
const commits: Row = { key: 'turn-commits', title: 'one turn, commits that write', unit: '' };
const disk: Row = { key: 'disk', title: 'on disk for 1,000 tokens, before compaction', unit: 'KB' };

/** The counts of the server since the last call. */
async function counted(system: LockstepSystem): Promise<StatementCounts> {
  const report = join(system.database.dataDir, 'report.json');
  rmSync(report, { force: true });
  system.signal();
  await appeared(report);
  return JSON.parse(readFileSync(report, 'utf8')) as StatementCounts;
}

/** Bytes of all pages in use, after a checkpoint of the write-ahead log. */
function storedBytes({ database }: LockstepSystem): number {
  const connection = new BetterSqlite(database.url.slice('sqlite:'.length));
  try {
    connection.pragma('busy_timeout = 5000');
    connection.pragma('wal_checkpoint(truncate)');
    const number = (name: string): number => Number(connection.pragma(name, { simple: true }));
    return (number('page_count') - number('freelist_count')) * number('page_size');
  } finally {
    connection.close();
  }
}

const sql: Step<LockstepSystem> = {
  rows: [statements, commits],
  async measure(system) {
    using turns = await Turns.open(system, 1);
    await turns.run(TURNS, 1);
    await counted(system);
    const { errors } = await turns.run(TURNS, 1);
    const counts = await counted(system);
    return {
      values: { [statements.key]: counts.statements / TURNS, [commits.key]: counts.commits / TURNS },
      errors,
    };
  },
};

const onDisk: Step<LockstepSystem> = {
  rows: [disk],
  async measure(system) {
    const before = storedBytes(system);
    const { errors, problem } = await runAnswers(system, ANSWERS);
    await delay(SETTLE_MS);
    return { values: { [disk.key]: (storedBytes(system) - before) / 1024 / (TOKENS / 1_000) }, errors, problem };
  },
};

/** Statements and bytes that go to SQLite; the relay stores nothing. */
export const storedPart = partOf({
  systems: ['lockstep'],
  start: (_, surroundings) => startLockstep(surroundings, 'bench/speed/report/statements.preload.ts'),
  prepare: warmUp,
  steps: [sql, onDisk],
});
