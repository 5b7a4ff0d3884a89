import { describe, expect, it } from '@jest/globals';
import { Admission } from './admission.js';

describe('Admission', () => {
  /** Commands that run one after the other, each for the given time. */
  const serving = (eachMs: number) => {
    let nowMs = 0;
    const admission = new Admission(() => nowMs);
    const queue: (() => void)[] = [];
    return {
      admission,
      begin: () => admission.run(() => new Promise<void>((resolve) => queue.push(resolve))),
      finish: async (count: number) => {
        for (const done of queue.splice(0, count)) {
          nowMs += eachMs;
          done();
          await new Promise(setImmediate);
        }
      },
    };
  };

  it('accepts commands that wait less than ten seconds, and gives the expected time to others', async () => {
    const { admission, begin, finish } = serving(40);
    const first = Array.from({ length: 100 }, begin);
    await finish(100);
    await Promise.all(first);
    const more = Array.from({ length: 300 }, () => begin().catch((error: unknown) => error));
    const refused = await Promise.race(more);
    expect(refused).toMatchObject({ code: 'overloaded' });
    expect(admission.expectedMs).toBeGreaterThan(10_000);
    expect(refused).toMatchObject({ retryAfterMs: admission.expectedMs });
    await finish(300);
    const outcomes = await Promise.all(more);
    const admitted = outcomes.filter((outcome) => outcome === undefined).length;
    expect(admitted).toBeGreaterThan(240);
    expect(admitted).toBeLessThan(260);
    // They are done within the time that was given.
    expect(admission.expectedMs).toBe(0);
  });

  it('ignores the times of failed commands, and gives little weight to one long wait', async () => {
    const { admission, begin, finish } = serving(60_000);
    await expect(admission.run(() => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
    const long = begin();
    await finish(1);
    await long;
    void begin();
    expect(admission.expectedMs).toBeLessThan(200);
  });

  it('limits the number of waiting commands, however quick they are', async () => {
    const { begin, finish } = serving(0);
    const first = Array.from({ length: 100 }, begin);
    await finish(100);
    await Promise.all(first);
    let refused = 0;
    for (let n = 0; n < 6_000; n += 1) begin().catch(() => (refused += 1));
    await new Promise(setImmediate);
    expect(refused).toBe(999);
  });
});
