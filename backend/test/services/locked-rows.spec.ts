import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { JournalProcess, type TestRun } from '../streams/journal-bench.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** The rows of a running run that another session may lock. */
const LOCKS = [
  ['run', (run: TestRun) => `select id from runs where id = '${run.claim.runId}' for update`],
  ['stream', (run: TestRun) => `select seq from stream_heads where stream = '${run.source.stream}' for update`],
] as const;

/** Runs `during` while another session holds the rows that a statement locks or changes. */
async function whileHeld(url: string, sql: string, during: () => Promise<void>): Promise<void> {
  const other = new pg.Client(url);
  await other.connect();
  try {
    await other.query('begin');
    await other.query(sql);
    await during();
    await other.query('commit');
  } finally {
    await other.end();
  }
}

describe('a lock of another session on a row of a run', () => {
  let test: TestDatabase;
  let journal: JournalProcess;
  beforeAll(async () => {
    test = await createTestDatabase();
    journal = await JournalProcess.open(test);
  });
  afterAll(async () => {
    await journal[Symbol.asyncDispose]();
    await test[Symbol.asyncDispose]();
  });

  it.each(LOCKS)('delays only that run: the %s', async (_of, lock) => {
    const [locked, free] = [await journal.begin(), await journal.begin()];
    await journal.say(new Map([locked, free].map((run) => [run, 'a'])));
    await whileHeld(test.url, lock(locked), async () => {
      for (const text of ['b', 'c']) await journal.say(new Map([locked, free].map((run) => [run, text])));
      expect([free.written, free.isLost]).toEqual(['abc', false]);
      expect([locked.written, locked.pending, locked.isLost]).toEqual(['a', 'bc', false]);
    });
    await journal.say(new Map([locked, free].map((run) => [run, 'd'])));
    for (const run of [locked, free]) expect(await journal.textsOf(run)).toEqual(['abcd', 'abcd']);
    expect(journal.receivedOf(locked).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('[L7] keeps the run from writing if that session has ended it', async () => {
    const run = await journal.begin();
    const end = `update runs set status = 'stopped', fence = fence + 1 where id = '${run.claim.runId}'`;
    await whileHeld(test.url, end, async () => {
      await journal.say(new Map([[run, 'a']]));
      expect([run.written, run.isLost]).toEqual(['', false]);
    });
    await journal.say(new Map([[run, 'b']]));
    expect([run.written, run.isLost]).toEqual(['', true]);
  });
});
