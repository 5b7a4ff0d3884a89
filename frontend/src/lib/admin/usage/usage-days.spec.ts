import { expect, it } from 'vitest';
import { daysOf } from './usage-days.ts';

it('has every day from the first to the last, and nothing where there was no use', () => {
  const sums = { runs: 1, failed: 0, stopped: 0, inputTokens: 7, outputTokens: 3 };
  const labels = { input: 'In', output: 'Out' };
  const { times, series } = daysOf([{ key: '2026-03-30', ...sums }], { from: '2026-03-28', to: '2026-03-31' }, labels);
  expect(times.map((at) => new Date(at).getDate())).toEqual([28, 29, 30, 31]);
  expect(series).toEqual([
    { label: 'In', values: [0, 0, 7, 0] },
    { label: 'Out', values: [0, 0, 3, 0] },
  ]);
});
