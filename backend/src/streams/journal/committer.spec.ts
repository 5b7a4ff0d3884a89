import { describe, expect, it } from '@jest/globals';
import { Committer, type Commits, type CommitWriter } from './committer.js';
import type { Delta } from './delta-tail.js';

/** A fake journal: it counts transactions, and can be made to fail or to be slow. */
class FakeJournal implements Commits<FakeWriter> {
  transactions = 0;
  failures = 0;
  gate: Promise<void> = Promise.resolve();
  isDoubtful = false;
  readonly lost = new Set<FakeWriter>();

  async commit(writers: readonly FakeWriter[]): Promise<number> {
    this.transactions++;
    this.isDoubtful = false;
    await this.gate;
    if (this.failures > 0) {
      this.failures--;
      throw new Error('disk full');
    }
    for (const writer of writers) {
      if (this.lost.has(writer)) writer.lost();
      else writer.committed();
    }
    return writers.length;
  }
}

class FakeWriter implements CommitWriter {
  readonly source = { runId: 'run', messageId: 'message', stream: 'conversation:one' };
  readonly claim = { runId: 'run', fence: 1, number: 1 };
  notBefore = 0;
  commits = 0;
  losses = 0;
  refusals = 0;
  persists = true;

  take(): Delta {
    return { offset: 0, text: 'text' };
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

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Committer', () => {
  it('writes all that gathered during a commit in one transaction', async () => {
    const journal = new FakeJournal();
    const { promise, resolve } = Promise.withResolvers<void>();
    journal.gate = promise;
    const committer = new Committer<FakeWriter>(journal);
    const writers = Array.from({ length: 20 }, () => new FakeWriter());
    committer.submit(writers[0] ?? new FakeWriter());
    await nextTurn();
    for (const writer of writers) committer.submit(writer);
    resolve();
    await committer.idle();
    expect(journal.transactions).toBe(2);
    expect(writers.map(({ commits }) => commits)).toEqual([2, ...Array.from({ length: 19 }, () => 1)]);
  });

  it('commits everything submitted within one turn of the event loop together', async () => {
    const journal = new FakeJournal();
    const committer = new Committer<FakeWriter>(journal);
    const writers = Array.from({ length: 5 }, () => new FakeWriter());
    for (const writer of writers) committer.submit(writer);
    expect(journal.transactions).toBe(0);
    await committer.idle();
    expect(journal.transactions).toBe(1);
    expect(writers.map(({ commits }) => commits)).toEqual([1, 1, 1, 1, 1]);
  });

  it('commits a writer that was submitted in any of the microtasks after a commit', async () => {
    for (let late = 0; late < 10; late += 1) {
      const journal = new FakeJournal();
      const committer = new Committer<FakeWriter>(journal);
      const [first, second] = [new FakeWriter(), new FakeWriter()];
      const { promise, resolve } = Promise.withResolvers<void>();
      journal.gate = promise;
      committer.submit(first);
      await nextTurn();
      let after: Promise<void> = promise;
      for (let microtask = 0; microtask < late; microtask += 1) after = after.then(() => undefined);
      const submitted = after.then(() => committer.submit(second));
      resolve();
      await submitted;
      // It is committed without any further call.
      await nextTurn();
      await nextTurn();
      expect([late, first.commits, second.commits]).toEqual([late, 1, 1]);
    }
  });

  it('waits for a writer whose time has not come, but not with the others', async () => {
    const journal = new FakeJournal();
    const committer = new Committer<FakeWriter>(journal);
    const late = new FakeWriter();
    late.notBefore = performance.now() + 40;
    const early = new FakeWriter();
    committer.submit(late);
    await nextTurn();
    committer.submit(early);
    await committer.idle();
    expect([early.commits, late.commits, journal.transactions]).toEqual([1, 1, 2]);
    expect(performance.now()).toBeGreaterThanOrEqual(late.notBefore);
  });

  it('[L7] drops a writer that has lost its fence, and commits the others', async () => {
    const journal = new FakeJournal();
    const lost = new FakeWriter();
    const kept = new FakeWriter();
    journal.lost.add(lost);
    const committer = new Committer<FakeWriter>(journal);
    committer.submit(lost);
    committer.submit(kept);
    await committer.idle();
    expect([lost.losses, lost.commits]).toEqual([1, 0]);
    expect(kept.commits).toBe(1);
    expect(journal.transactions).toBe(1);
  });

  it('tries again after a refusal, unless the writer gives up', async () => {
    const journal = new FakeJournal();
    journal.failures = 2;
    const stubborn = new FakeWriter();
    const resigned = new FakeWriter();
    resigned.persists = false;
    const committer = new Committer<FakeWriter>(journal);
    committer.submit(stubborn);
    committer.submit(resigned);
    await committer.idle();
    expect([stubborn.refusals, stubborn.commits]).toEqual([2, 1]);
    expect([resigned.refusals, resigned.commits]).toEqual([1, 0]);
  });

  it('finds out the outcome of a doubtful commit even when no writer waits', async () => {
    const journal = new FakeJournal();
    journal.failures = 1;
    const resigned = new FakeWriter();
    resigned.persists = false;
    const committer = new Committer<FakeWriter>({
      commit: (writers) =>
        journal.commit(writers).catch((error: unknown) => ((journal.isDoubtful = true), Promise.reject(error))),
      get isDoubtful() {
        return journal.isDoubtful;
      },
    });
    committer.submit(resigned);
    await committer.idle();
    expect(journal.transactions).toBe(2);
    expect(journal.isDoubtful).toBe(false);
  });
});
