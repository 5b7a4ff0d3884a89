import { describe, expect, it } from '@jest/globals';
import { aligned, legend } from './panel-data.js';

describe('the data of a panel', () => {
  it('has the labels of each series in its name', () => {
    expect(legend('{{model}}: {{kind}}', { labels: { model: 'gpt-4.1', kind: 'model_quota' } })).toBe(
      'gpt-4.1: model_quota',
    );
    expect(legend('99 %', { labels: {} })).toBe('99 %');
  });

  it('has a gap where Prometheus has no number', () => {
    const times = [1.0004, 3.0004, 5.0004, 7.0004];
    expect(
      aligned(
        [
          [1, 2],
          [5, Number.NaN],
          [7, Infinity],
        ],
        times,
      ),
    ).toEqual([2, null, null, null]);
  });
});
