import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#protocol';
import { matches, queryOf, readFilters, writeFilters } from './audit-filters.ts';

const ID = '01970000-0000-7000-8000-000000000001';
const entry: AuditEntry = {
  id: '01970000-0000-7000-8000-000000000000',
  at: new Date(2026, 10, 26, 12).getTime(),
  actorId: ID,
  actorEmail: 'Ada@example.com',
  action: 'user.disabled',
  targetId: '01970000-0000-7000-8000-000000000002',
  targetEmail: 'grace@example.com',
  address: '203.0.113.7',
  requestId: 'request-1',
  detail: { note: 'Über' },
};

describe('the filters in the address of the page', () => {
  it('are read and written in a fixed order, without empty ones', () => {
    const filters = readFilters(new URLSearchParams('to=2026-11-30&person=ada@example.com&q=%20&outcome=refused'));
    expect(filters).toEqual({ person: 'ada@example.com', outcome: 'refused', to: '2026-11-30' });
    expect(writeFilters(filters).toString()).toBe('person=ada%40example.com&outcome=refused&to=2026-11-30');
  });

  it.each(['outcome=maybe', 'from=yesterday', 'action=user.*', `q=${'x'.repeat(201)}`, 'other=1'])(
    'leave out what the server would refuse: %s',
    (search) => expect(readFilters(new URLSearchParams(search))).toEqual({}),
  );

  it('ask the server for whole days by the clock of the browser', () => {
    const query = queryOf({ from: '2026-11-26', to: '2026-11-26' });
    expect(Number(query.get('from'))).toBe(new Date(2026, 10, 26).getTime());
    expect(Number(query.get('to'))).toBe(new Date(2026, 10, 27).getTime());
  });
});

it.each([
  [{}, true],
  [{ person: ID }, true],
  [{ person: 'GRACE@example.com' }, true],
  [{ actor: 'ada@EXAMPLE.com' }, true],
  [{ actor: 'grace@example.com' }, false],
  [{ action: 'user' }, true],
  [{ action: 'user.disabled' }, true],
  [{ action: 'use' }, false],
  [{ outcome: 'done' }, true],
  [{ outcome: 'refused' }, false],
  [{ from: '2026-11-26', to: '2026-11-26' }, true],
  [{ from: '2026-11-27' }, false],
  [{ to: '2026-11-25' }, false],
  [{ q: 'über' }, true],
  [{ q: 'REQUEST-1' }, true],
  [{ q: 'nothing' }, false],
])('an added entry is listed with the filters %j: %s', (filters, isListed) =>
  expect(matches(entry, filters)).toBe(isListed),
);
