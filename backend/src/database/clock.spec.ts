import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from './clock.js';

describe('Clock', () => {
  let ticks = 0;
  let timeOfDay = 0;
  const pass = (ms: number): void => {
    ticks += ms;
    timeOfDay += ms;
  };
  beforeEach(() => {
    ticks = 5_000;
    timeOfDay = 1_000_000;
    jest.spyOn(performance, 'now').mockImplementation(() => ticks);
    jest.spyOn(Date, 'now').mockImplementation(() => timeOfDay);
  });
  afterEach(() => void jest.restoreAllMocks());

  it("follows the machine's clock, including a step forward", () => {
    const clock = new Clock();
    pass(10);
    expect(clock.now()).toBe(1_000_010);
    timeOfDay += 3_600_000;
    expect(clock.now()).toBe(4_600_010);
  });

  it('runs at half speed after a step back, until the machine has caught up', () => {
    const clock = new Clock();
    timeOfDay -= 1_000;
    const seen = [clock.now()];
    for (let step = 0; step < 5; step += 1) {
      pass(500);
      seen.push(clock.now());
    }
    expect(seen).toEqual([1_000_000, 1_000_250, 1_000_500, 1_000_750, 1_001_000, 1_001_500]);
  });

  it("follows the database's clock, not that of the machine", async () => {
    timeOfDay += 3_600_000;
    const clock = new Clock();
    // A round trip of 40 ms: the answer is assumed to be from the middle of it.
    await clock.follow(() => Promise.resolve((ticks += 40)).then(() => 1_000_020));
    expect(clock.now()).toBe(1_000_040);
    timeOfDay -= 7_200_000;
    pass(100);
    expect(clock.now()).toBe(1_000_140);
    await clock.follow(() => Promise.resolve(1_000_150));
    expect(clock.now()).toBe(1_000_150);
  });

  it('ignores a slow answer unless it contradicts, and continues without an answer', async () => {
    const clock = new Clock();
    const answerAfter = (ms: number, time: number) =>
      clock.follow(() => Promise.resolve((ticks += ms)).then(() => time));
    await answerAfter(2, 2_000_001);
    await answerAfter(5_000, 2_000_900);
    expect(clock.now()).toBe(2_005_002);
    await expect(clock.follow(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    await answerAfter(5_000, 9_000_000);
    expect(clock.now()).toBe(9_002_500);
  });

  it('makes ids that grow, whatever the clock does', () => {
    const clock = new Clock();
    const ids: string[] = [];
    for (let step = 0; step < 50; step += 1) {
      ids.push(clock.newId());
      if (step % 5 === 0) pass(1);
      if (step === 20) timeOfDay -= 600_000;
    }
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(50);
  });
});
