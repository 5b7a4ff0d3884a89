import { describe, expect, it, jest } from '@jest/globals';
import { PostgresProbe } from './postgres-probe.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('the probe behind readiness', () => {
  it('works when something can be committed, and commits no more than once a second', async () => {
    const commit = jest.fn(() => Promise.resolve());
    const probe = new PostgresProbe(commit, () => 0);
    expect(await Promise.all([probe.works(), probe.works()])).toEqual([true, true]);
    expect(await probe.works()).toBe(true);
    expect(commit).toHaveBeenCalledTimes(1);
  });

  it('fails when the commit does', async () => {
    const probe = new PostgresProbe(
      () => Promise.reject(new Error('read-only')),
      () => 0,
    );
    expect(await probe.works()).toBe(false);
  });

  it('answers in time when nothing answers, and asks no second time meanwhile', async () => {
    const commit = jest.fn(never);
    const probe = new PostgresProbe(commit, () => 0, 20);
    expect(await probe.works()).toBe(false);
    expect(await Promise.all([probe.works(), probe.works()])).toEqual([false, false]);
    expect(commit).toHaveBeenCalledTimes(1);
  });

  it('fails while something else waits that people wait for, though it could commit itself', async () => {
    const silence = { ms: 21 };
    const probe = new PostgresProbe(
      () => Promise.resolve(),
      () => silence.ms,
      20,
    );
    expect(await probe.works()).toBe(false);
    silence.ms = 0;
    expect(await probe.works()).toBe(true);
  });
});
