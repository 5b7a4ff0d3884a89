import { describe, expect, it } from '@jest/globals';
import { Results, resultTable, shortNumber } from './result-table.ts';
import type { Row } from './rows.ts';

const row: Row = { key: 'latency', title: 'latency', unit: 'ms' };

describe('resultTable', () => {
  it('shows medians, their spread, and ratios per round', () => {
    const results = new Results();
    const rounds = [
      [1, 4],
      [2, 4],
      [4, 4],
    ] as const;
    for (const [round, [relay, lockstep]] of rounds.entries()) {
      results.add(round, 'relay', { values: { latency: relay }, errors: 0 });
      results.add(round, 'lockstep', { values: { latency: lockstep }, errors: 1 });
    }
    expect(resultTable([row], results).split('\n')).toEqual([
      '| same work, same run |  bare relay | Lockstep |     ratio | errors |',
      '| ------------------- | ----------: | -------: | --------: | -----: |',
      '| latency             | 2 ms (1..4) |     4 ms | 2x (1..4) |      3 |',
    ]);
  });

  it('compares figures within a round only', () => {
    const results = new Results();
    results.add(0, 'relay', { values: { latency: 1 }, errors: 0 });
    results.add(1, 'lockstep', { values: { latency: 5 }, errors: 0 });
    expect(results.ratio(row)).toBeUndefined();
  });

  it('leaves out what was not measured', () => {
    expect(resultTable([row], new Results())).not.toContain('latency');
  });
});

describe('shortNumber', () => {
  it.each([
    [0.1234, '0.12'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [123.4, '123'],
    [117_034.2, '117,034'],
    [0, '0'],
    [NaN, '-'],
  ])('writes %d as %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });
});
