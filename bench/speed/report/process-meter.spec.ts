import { describe, expect, it } from '@jest/globals';
import { cpuBetween, cpuOf } from './process-meter.ts';

describe('the CPU time of a program', () => {
  it('is that of the processes that are there at the end', () => {
    const before = new Map([
      [1, 100],
      [2, 5_000],
    ]);
    const after = new Map([
      [1, 130],
      [3, 7],
    ]);
    expect(cpuBetween(before, after)).toBe(37);
  });

  it('is read for each process', () => {
    expect(cpuOf('no such program')).toEqual(new Map());
  });
});
