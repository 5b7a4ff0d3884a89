import { type Budget, type BudgetUnit, MAX_BUDGET_LIMIT } from '#protocol';

/**
 * What an admin chooses: `none` removes the budget; `exempt` is a budget without limits, which only a person needs.
 */
export type BudgetKind = 'none' | 'exempt' | BudgetUnit;
export type BudgetFault = 'empty' | 'bad';

const MICROS = 1_000_000;

/** A budget as an admin is entering it: limits in tokens, or in units of the currency; `null` is an empty field. */
export class BudgetForm {
  kind = $state<BudgetKind>('none');
  day = $state<number | null>(null);
  month = $state<number | null>(null);

  constructor(budget: Budget | null) {
    if (!budget) return;
    const scale = scaleOf(budget.unit);
    const shown = (limit: number | null): number | null => (limit === null ? null : limit / scale);
    this.day = shown(budget.day);
    this.month = shown(budget.month);
    this.kind = budget.day === null && budget.month === null ? 'exempt' : budget.unit;
  }

  get isLimited(): boolean {
    return this.kind === 'tokens' || this.kind === 'money';
  }

  get fault(): BudgetFault | undefined {
    const { kind } = this;
    if (kind === 'none' || kind === 'exempt') return undefined;
    const limits = [this.day, this.month].map((value) => limitOf(kind, value));
    if (limits.every((limit) => limit === null)) return 'empty';
    const isGood = (limit: number | null): boolean =>
      limit === null || (Number.isSafeInteger(limit) && limit >= 0 && limit <= MAX_BUDGET_LIMIT);
    return limits.every(isGood) ? undefined : 'bad';
  }

  /** What the server gets. */
  get budget(): Budget | null {
    const { kind } = this;
    if (kind === 'none') return null;
    if (kind === 'exempt') return { unit: 'tokens', day: null, month: null };
    return { unit: kind, day: limitOf(kind, this.day), month: limitOf(kind, this.month) };
  }
}

const scaleOf = (unit: BudgetUnit): number => (unit === 'money' ? MICROS : 1);

/** A field in the unit of the server. Browsers give `undefined` for a field with something other than a number. */
function limitOf(unit: BudgetUnit, value: number | null | undefined): number | null {
  if (value === null) return null;
  if (value === undefined) return Number.NaN;
  // A millionth is the smallest amount; rounding takes away what multiplication adds.
  return unit === 'money' ? Math.round(value * MICROS) : value;
}
