import { describe, expect, it } from '@jest/globals';
import { CommitFailed, CommitOutcomes, CommitUndone } from './commit-outcome.js';
import type { SqlRow } from '../sql/statement.js';
import { Transaction } from './transaction.js';

const RESET = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const PATIENCE_MS = 40;

/** A transaction that records its outcome. */
function unanswered(hasProof = true): { readonly failed: CommitFailed<string>; readonly calls: string[] } {
  const calls: string[] = [];
  const transaction = new Transaction(
    () => {
      throw new Error('not asked for');
    },
    () => Promise.resolve([]),
    'postgresql',
  );
  transaction.onCommitted(() => calls.push('committed'));
  transaction.onUndone(() => calls.push('undone'));
  if (hasProof) transaction.proof = [{ postgresql: 'the proof', sqlite: '', order: [] }, []];
  return { failed: new CommitFailed(transaction, 'the result', RESET), calls };
}

const answer = (committed: boolean | number): readonly SqlRow[] => [{ committed }];

describe('CommitOutcomes', () => {
  it('returns the result when the transaction was committed after all', async () => {
    const outcomes = new CommitOutcomes(() => Promise.resolve(answer(true)), PATIENCE_MS, true);
    const { failed, calls } = unanswered();
    await expect(outcomes.of(() => Promise.reject(failed))).resolves.toBe('the result');
    expect(calls).toEqual(['committed']);
  });

  it('lets the work run again when it was not committed and the database answers', async () => {
    const outcomes = new CommitOutcomes(() => Promise.resolve(answer(0)), PATIENCE_MS, true);
    const { failed, calls } = unanswered();
    await expect(outcomes.of(() => Promise.reject(failed))).rejects.toBeInstanceOf(CommitUndone);
    expect(calls).toEqual(['undone']);
  });

  it('throws the error of the commit when an answer does not show that the problem is over', async () => {
    const outcomes = new CommitOutcomes(() => Promise.resolve(answer(0)), PATIENCE_MS, false);
    const { failed, calls } = unanswered();
    await expect(outcomes.of(() => Promise.reject(failed))).rejects.toBe(RESET);
    expect(calls).toEqual(['undone']);
  });

  it('throws in time when the outcome is unknown, and calls the hooks once it is known', async () => {
    const back = Promise.withResolvers<readonly SqlRow[]>();
    const outcomes = new CommitOutcomes(() => back.promise, PATIENCE_MS, true);
    const { failed, calls } = unanswered();
    await expect(outcomes.of(() => Promise.reject(failed))).rejects.toMatchObject({ code: 'storage' });
    expect(calls).toEqual([]);
    back.resolve(answer(true));
    await outcomes.settled(PATIENCE_MS);
    expect(calls).toEqual(['committed']);
  });

  it('asks again after any error of the query', async () => {
    const answers = [Promise.reject(RESET), Promise.reject(new Error('too slow')), Promise.resolve(answer(1))];
    for (const each of answers) each.catch(() => undefined);
    const outcomes = new CommitOutcomes(() => answers.shift() ?? Promise.resolve([]), 10_000, true);
    const { failed, calls } = unanswered();
    await expect(outcomes.of(() => Promise.reject(failed))).resolves.toBe('the result');
    expect([answers.length, calls]).toEqual([0, ['committed']]);
  });

  it('treats a commit without a proof as undone', async () => {
    const outcomes = new CommitOutcomes(() => Promise.resolve(answer(true)), PATIENCE_MS, true);
    const { failed, calls } = unanswered(false);
    await expect(outcomes.of(() => Promise.reject(failed))).rejects.toBe(RESET);
    expect(calls).toEqual([]);
  });
});
