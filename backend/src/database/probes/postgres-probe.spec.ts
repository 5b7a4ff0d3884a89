import { describe, expect, it, jest } from '@jest/globals';
import { PostgresProbe } from './postgres-probe.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('the probe behind readiness', () => {
  it('works when a write can be committed, and commits at most once a second', async () => {
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

  it('answers in time without an answer of the database, and does not ask it a second time', async () => {
    const commit = jest.fn(never);
    const probe = new PostgresProbe(commit, () => 0, 20);
    expect(await probe.works()).toBe(false);
    expect(await Promise.all([probe.works(), probe.works()])).toEqual([false, false]);
    expect(commit).toHaveBeenCalledTimes(1);
  });

  it('fails while another statement is unanswered, even if the probe itself could commit', async () => {
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
