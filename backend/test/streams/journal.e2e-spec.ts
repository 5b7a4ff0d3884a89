import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Run } from '../../src/chat/runs/run.entity.js';
import { trimJournal } from '../../src/streams/journal/journal-trim.js';
import { JournalRow, StreamHead } from '../../src/streams/stream.entities.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { JournalProcess, type TestRun } from './journal-bench.js';

const seqsOf = (events: readonly { readonly seq: number }[]): number[] => events.map(({ seq }) => seq);

/** Other commits leave marks with negative numbers. */
const DELTAS = { process: { $gt: 0 } };

describe('the journal', () => {
  let test: TestDatabase;
  let one: JournalProcess;
  beforeAll(async () => {
    test = await createTestDatabase();
    one = await JournalProcess.open(test);
  });
  afterAll(async () => {
    await one[Symbol.asyncDispose]();
    await test[Symbol.asyncDispose]();
  });

  const rows = () => one.database.read((em) => em.count(JournalRow, DELTAS));
  const epochOf = async (run: TestRun) => (await one.subscribe(run)).epoch;

  it('writes the deltas of all runs in one row', async () => {
    const runs = [await one.begin(), await one.begin(), await one.begin()];
    const before = await rows();
    await one.say(new Map(runs.map((run, index) => [run, `text ${index}`])));
    expect((await rows()) - before).toBe(1);
    for (const [index, run] of runs.entries()) {
      expect(await one.textsOf(run)).toEqual([`text ${index}`, `text ${index}`]);
      expect(one.receivedOf(run).at(-1)).toMatchObject({ seq: 2, type: 'run.delta', data: { offset: 0 } });
    }
  });

  it('[L1] numbers deltas and events of one stream together, without holes', async () => {
    const run = await one.begin();
    for (const text of ['a', 'b']) await one.say(new Map([[run, text]]));
    await one.rename(run);
    await one.say(new Map([[run, 'c']]));
    await one.rename(run);
    expect(seqsOf(one.receivedOf(run))).toEqual([1, 2, 3, 4, 5, 6]);
    const replay = await one.subscribe(run, { epoch: await epochOf(run), seq: 0 });
    if (replay.mode !== 'events') throw new Error('expected events');
    expect(replay.events.map(({ type }) => type.split('.')[1])).toEqual([
      'started',
      'delta',
      'delta',
      'deleted',
      'delta',
      'deleted',
    ]);
    expect(replay.events.map(({ data }) => ('text' in data ? data.text : ''))).toEqual(['', 'a', 'b', '', 'c', '']);
    expect(replay.head).toBe(6);
  });

  it('[L3] replays deltas to a process that holds none of them in memory', async () => {
    const run = await one.begin();
    for (const text of ['a', 'b', 'c']) await one.say(new Map([[run, text]]));
    await one.database.write((em) => em.nativeUpdate(StreamHead, { stream: run.source.stream }, { seq: 4 }));
    await using other = await JournalProcess.open(test);
    Object.assign(other.live, { tails: new Map(), byStream: new Map() });
    const replay = await other.subscribe(run, { epoch: await epochOf(run), seq: 2 });
    expect(replay.mode === 'events' && seqsOf(replay.events)).toEqual([3, 4]);
  });

  it('[L7] stops a run that another process has ended', async () => {
    const [lost, kept] = [await one.begin(), await one.begin()];
    await one.database.write((em) => em.nativeUpdate(Run, { id: lost.claim.runId }, { fence: 2 }));
    await one.say(new Map([lost, kept].map((run) => [run, 'text'])));
    expect([lost.isLost, lost.written, kept.written]).toEqual([true, '', 'text']);
    expect(await one.textsOf(lost)).toEqual(['', '']);
  });

  it('[L2] publishes nothing while the outcome of a commit is unknown, and then once', async () => {
    const run = await one.begin();
    await one.say(new Map([[run, 'a']]));
    // The commit succeeds, but its answer is lost.
    const restore = one.losesAnswer('connection reset');
    await expect(one.say(new Map([[run, 'b']]))).rejects.toThrow('connection reset');
    restore();
    expect(one.journal.isDoubtful).toBe(true);
    expect(seqsOf(one.receivedOf(run))).toEqual([1, 2]);
    run.pending += 'c';
    await one.say(new Map([[run, '']]));
    expect(one.journal.isDoubtful).toBe(false);
    expect(run.written).toBe('abc');
    expect(seqsOf(one.receivedOf(run))).toEqual([1, 2, 3, 4]);
    expect(await one.textsOf(run)).toEqual(['abc', 'abc']);
  });

  it('writes refused deltas again, with the same numbers', async () => {
    const run = await one.begin();
    const restore = one.refuses('disk full');
    await expect(one.say(new Map([[run, 'a']]))).rejects.toThrow('disk full');
    restore();
    await one.say(new Map([[run, 'b']]));
    expect(seqsOf(one.receivedOf(run))).toEqual([1, 2]);
    expect(await one.textsOf(run)).toEqual(['ab', 'ab']);
  });

  it('[L1] continues after a crash at the head that tabs know', async () => {
    await using own = await createTestDatabase();
    const before = await JournalProcess.open(own);
    const run = await before.begin();
    for (const text of ['a', 'b', 'c']) await before.say(new Map([[run, text]]));
    await before[Symbol.asyncDispose]();
    await using after = await JournalProcess.open(own);
    expect(await after.subscribe(run)).toMatchObject({ mode: 'snapshot', seq: 4 });
    expect(await after.textsOf(run)).toEqual(['abc', 'abc']);
    await after.rename(run);
    expect(seqsOf(after.receivedOf(run))).toEqual([5]);
  });

  it('drops old rows from the front that no running run needs', async () => {
    await using own = await createTestDatabase();
    await using process = await JournalProcess.open(own);
    const count = () => process.database.read((em) => em.count(JournalRow, DELTAS));
    const first = await process.begin();
    await process.say(new Map([[first, 'a']]));
    await process.database.write((em) => em.nativeUpdate(Run, { id: first.claim.runId }, { status: 'completed' }));
    const second = await process.begin();
    for (const text of ['b', 'c']) await process.say(new Map([[second, text]]));
    await trimJournal(process.database, 0);
    expect(await count()).toBe(3);
    const { epoch } = await process.subscribe(first);
    await trimJournal(process.database, Date.now() + 1);
    expect(await count()).toBe(2);
    expect(await process.subscribe(first, { epoch, seq: 1 })).toMatchObject({ mode: 'snapshot', seq: 2 });
    expect(await process.subscribe(second, { epoch, seq: 1 })).toMatchObject({ mode: 'events' });
    expect(await process.textsOf(second)).toEqual(['bc', 'bc']);
    await process.database.write((em) => em.nativeUpdate(Run, { id: second.claim.runId }, { status: 'completed' }));
    await trimJournal(process.database, Date.now() + 1);
    expect(await process.database.read((em) => em.count(JournalRow, {}))).toBe(0);
  });
});
