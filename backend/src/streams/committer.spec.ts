import { describe, expect, it } from '@jest/globals';
import { Committer, type CommitWriter } from './committer.js';
import type { EventLog } from './event-log.js';
import type { LogTransaction } from './log-transaction.js';

/** Stands for the log: counts transactions, and can be told to fail or to take its time. */
class FakeLog {
  transactions = 0;
  failures = 0;
  gate: Promise<void> = Promise.resolve();

  async write<T>(work: (transaction: LogTransaction) => Promise<T>): Promise<T> {
    this.transactions++;
    const result = await work({} as LogTransaction);
    await this.gate;
    if (this.failures > 0) {
      this.failures--;
      throw new Error('disk full');
    }
    return result;
  }

  asLog(): EventLog {
    return this as unknown as EventLog;
  }
}

class FakeWriter implements CommitWriter {
  notBefore = 0;
  writes = 0;
  commits = 0;
  losses = 0;
  refusals = 0;
  persists = true;

  write(): void {
    this.writes++;
  }
  committed(): void {
    this.commits++;
  }
  lost(): void {
    this.losses++;
  }
  refused(): boolean {
    this.refusals++;
    return this.persists;
  }
}

const everybody = (_transaction: LogTransaction, writers: readonly FakeWriter[]) => Promise.resolve(new Set(writers));

describe('Committer', () => {
  it('writes all that gathered during a commit in one transaction', async () => {
    const log = new FakeLog();
    const { promise, resolve } = Promise.withResolvers<void>();
    log.gate = promise;
    const committer = new Committer<FakeWriter>(log.asLog(), everybody);
    const writers = Array.from({ length: 20 }, () => new FakeWriter());
    committer.submit(writers[0] ?? new FakeWriter());
    await Promise.resolve();
    for (const writer of writers) committer.submit(writer);
    resolve();
    await committer.idle();
    expect(log.transactions).toBe(2);
    expect(writers.map(({ commits }) => commits)).toEqual([2, ...Array.from({ length: 19 }, () => 1)]);
  });

  it('waits for a writer whose time has not come, but not with the others', async () => {
    const log = new FakeLog();
    const committer = new Committer<FakeWriter>(log.asLog(), everybody);
    const late = new FakeWriter();
    late.notBefore = Date.now() + 40;
    const early = new FakeWriter();
    committer.submit(late);
    await Promise.resolve();
    committer.submit(early);
    await committer.idle();
    expect([early.commits, late.commits, log.transactions]).toEqual([1, 1, 2]);
    expect(Date.now()).toBeGreaterThanOrEqual(late.notBefore);
  });

  it('[L7] tells a writer that has lost its fence, and commits the others', async () => {
    const log = new FakeLog();
    const lost = new FakeWriter();
    const kept = new FakeWriter();
    const guard = (_transaction: LogTransaction, writers: readonly FakeWriter[]) =>
      Promise.resolve(new Set(writers.filter((writer) => writer !== lost)));
    const committer = new Committer<FakeWriter>(log.asLog(), guard);
    committer.submit(lost);
    committer.submit(kept);
    await committer.idle();
    expect([lost.writes, lost.losses, lost.commits]).toEqual([0, 1, 0]);
    expect(kept.commits).toBe(1);
  });

  it('asks again after a refusal, unless the writer gives up', async () => {
    const log = new FakeLog();
    // The first one goes at once, before the second one is there.
    log.failures = 2;
    const stubborn = new FakeWriter();
    const resigned = new FakeWriter();
    resigned.persists = false;
    const committer = new Committer<FakeWriter>(log.asLog(), everybody);
    committer.submit(stubborn);
    committer.submit(resigned);
    await committer.idle();
    expect([stubborn.refusals, stubborn.commits]).toEqual([2, 1]);
    expect([resigned.refusals, resigned.commits]).toEqual([1, 0]);
  });
});
