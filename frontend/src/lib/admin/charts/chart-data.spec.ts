import { describe, expect, it } from 'vitest';
import type { UsageSeries } from '#protocol';
import { byModel, firstTokens, peopleOf, stacked } from './chart-data.ts';

const HOUR_MS = 3_600_000;
const none = { runs: 1, failed: 0, stopped: 0, inputTokens: 0, outputTokens: 0 };
const point = (hour: number, model: string, more: object = {}) => ({ ...none, at: hour * HOUR_MS, model, ...more });
const usage = (more: Partial<UsageSeries>): UsageSeries => ({
  from: 0,
  periodMs: HOUR_MS,
  periods: 3,
  points: [],
  people: [],
  models: [],
  currency: 'EUR',
  ...more,
});

describe('the data of a chart', () => {
  it('has every period, and the models with the most first', () => {
    const data = byModel(
      usage({ points: [point(0, 'a', { inputTokens: 1 }), point(2, 'b', { inputTokens: 5 }), point(1, 'c')] }),
      ({ inputTokens }) => inputTokens,
      'Others',
    );
    expect(data.times).toEqual([0, HOUR_MS, 2 * HOUR_MS]);
    expect(data.series).toEqual([
      { label: 'b', values: [0, 0, 5] },
      { label: 'a', values: [1, 0, 0] },
    ]);
  });

  it('adds up the models after the fourth, unless it is only one', () => {
    const points = (count: number) => Array.from({ length: count }, (_, n) => point(0, `m${n}`, { failed: count - n }));
    const labels = (count: number) =>
      byModel(usage({ points: points(count) }), ({ failed }) => failed, 'Others').series.map(({ label }) => label);
    expect(labels(5)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(labels(6)).toEqual(['m0', 'm1', 'm2', 'm3', 'Others']);
    const others = byModel(usage({ points: points(6) }), ({ failed }) => failed, 'Others').series.at(-1);
    expect(others?.values).toEqual([3, 0, 0]);
  });

  it('leaves out a period that the server has added since, such as a new hour', () => {
    expect(byModel(usage({ points: [point(3, 'a', { failed: 1 })] }), ({ failed }) => failed, 'Others').series).toEqual(
      [],
    );
  });

  it('has no time where no reply had a text', () => {
    const firstTokenMs = { median: 400, p95: 900 };
    const { series } = firstTokens(
      usage({
        points: [point(1, 'a', { firstTokenMs }), point(2, 'a'), point(2, 'b')],
        models: [
          { ...none, model: 'b' },
          { ...none, model: 'a', firstTokenMs },
        ],
      }),
    );
    expect(series).toEqual([{ label: 'a', values: [null, 400, null] }]);
  });

  it('counts no people in a period without any, and is empty without use', () => {
    expect(peopleOf(usage({ people: [{ at: HOUR_MS, people: 2 }] }), 'People').series[0]?.values).toEqual([0, 2, 0]);
    expect(peopleOf(usage({}), 'People').series).toEqual([]);
  });

  it('stacks its layers', () => {
    const layers = [
      { label: 'a', values: [1, 2] },
      { label: 'b', values: [10, null] },
    ];
    expect(stacked(layers)).toEqual([
      [1, 2],
      [11, 2],
    ]);
  });
});
