import { describe, expect, it } from 'vitest';
import { BudgetForm } from './budget-form.svelte.ts';

const entered = (kind: BudgetForm['kind'], day: number | null, month: number | null = null): BudgetForm => {
  const form = new BudgetForm(null);
  Object.assign(form, { kind, day, month });
  return form;
};

describe('a budget that is being entered', () => {
  it.each([
    [null],
    [{ unit: 'tokens', day: 5_000, month: null }],
    [{ unit: 'money', day: 145_000, month: 30_000_000 }],
    [{ unit: 'tokens', day: null, month: null }],
  ] as const)('is %j as long as nothing is changed', (budget) => {
    const form = new BudgetForm(budget);
    expect([form.fault, form.budget]).toEqual([undefined, budget]);
  });

  it('is in units of the currency, and sent in millionths', () => {
    expect(new BudgetForm({ unit: 'money', day: 145_000, month: null }).day).toBe(0.145);
    expect(entered('money', 0.29, 12).budget).toEqual({ unit: 'money', day: 290_000, month: 12_000_000 });
  });

  it('needs a limit, and a good one', () => {
    expect(entered('tokens', null).fault).toBe('empty');
    expect(entered('tokens', 1.5).fault).toBe('bad');
    expect(entered('money', -1).fault).toBe('bad');
    expect(entered('money', 5, 1e10).fault).toBe('bad');
    expect(entered('tokens', 0).fault).toBeUndefined();
  });

  it('has no limits if it is removed, or for an exempt person', () => {
    expect(entered('none', 5).budget).toBeNull();
    expect(entered('exempt', 5).budget).toEqual({ unit: 'tokens', day: null, month: null });
    expect(entered('none', 1.5).fault).toBeUndefined();
  });
});
