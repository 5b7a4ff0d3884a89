import { describe, expect, it } from 'vitest';
import { filterOf, lastDays, queryOf } from './usage-filter.ts';

const NOW = new Date(2026, 10, 26, 12).getTime();
const of = (query: string) => filterOf(new URLSearchParams(query), NOW);

describe('the filter of usage', () => {
  it('is by person over the last 30 days, unless the address says otherwise', () => {
    expect(of('')).toEqual({ by: 'person', from: '2026-10-28', to: '2026-11-26' });
    expect(of('by=day&from=2026-01-02&to=2026-02-03')).toEqual({ by: 'day', from: '2026-01-02', to: '2026-02-03' });
    expect(lastDays(1, NOW)).toEqual({ from: '2026-11-26', to: '2026-11-26' });
  });

  it.each([
    'by=role',
    'from=x&to=y',
    'from=2026-01-01',
    'from=2026-02-01&to=2026-01-01',
    'from=2020-01-01&to=2026-01-01',
  ])('leaves out what the server would refuse: %s', (query) => {
    expect(of(query)).toEqual({ by: 'person', from: '2026-10-28', to: '2026-11-26' });
  });

  it('is sent with the time zone', () => {
    const query = new URLSearchParams(queryOf(of('')));
    expect(query.get('by')).toBe('person');
    expect(Number(query.get('utcOffsetMinutes'))).toBe(0 - new Date(2026, 9, 28).getTimezoneOffset());
  });
});
