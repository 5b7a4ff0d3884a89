import { AUDIT_OUTCOMES, type AuditEntry, outcomeOf } from '#protocol';
import { storableText } from '../../storage/storable-text.ts';

/** What the page filters by, as its own address has it. `from` and `to` are days, both inclusive, as `YYYY-MM-DD`. */
export const FILTERS = ['q', 'person', 'actor', 'action', 'outcome', 'from', 'to'] as const;
export type AuditFilters = Readonly<Partial<Record<(typeof FILTERS)[number], string>>>;

const VALID: Readonly<Record<(typeof FILTERS)[number], (value: string) => boolean>> = {
  q: (value) => value.length <= 200,
  person: (value) => value.length <= 320,
  actor: (value) => value.length <= 320,
  action: (value) => /^[a-z_]{1,50}(\.[a-z_]{1,49})?$/.test(value),
  outcome: (value) => (AUDIT_OUTCOMES as readonly string[]).includes(value),
  from: (value) => Number.isFinite(dayStart(value)),
  to: (value) => Number.isFinite(dayStart(value)),
};

/** The filters of the page's address. Values that the server would refuse are left out: a user may have edited it. */
export function readFilters(search: Pick<URLSearchParams, 'get'>): AuditFilters {
  const filters: Partial<Record<(typeof FILTERS)[number], string>> = {};
  for (const name of FILTERS) {
    const value = storableText(search.get(name)?.trim() ?? '');
    if (value !== '' && VALID[name](value)) filters[name] = value;
  }
  return filters;
}

/** The same for the address of the page, in a fixed order. */
export function writeFilters(filters: AuditFilters): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of FILTERS) {
    const value = filters[name]?.trim();
    if (value) search.set(name, value);
  }
  return search;
}

/** The query of the server: days become times by the clock of this browser, `to` the beginning of the next day. */
export function queryOf(filters: AuditFilters): URLSearchParams {
  const query = writeFilters(filters);
  if (filters.from) query.set('from', String(dayStart(filters.from)));
  if (filters.to) query.set('to', String(dayStart(filters.to, 1)));
  return query;
}

/** Whether an entry that has just been added belongs to the list, by the same rules as on the server. */
export function matches(entry: AuditEntry, { q, person, actor, action, outcome, from, to }: AuditFilters): boolean {
  const isActor = (value: string): boolean => isSame(value, entry.actorId, entry.actorEmail);
  const isTarget = (value: string): boolean => isSame(value, entry.targetId, entry.targetEmail);
  return (
    (!person || isActor(person) || isTarget(person)) &&
    (!actor || isActor(actor)) &&
    (!action || entry.action === action || entry.action.startsWith(`${action}.`)) &&
    (!outcome || outcomeOf(entry.action) === outcome) &&
    (!from || entry.at >= dayStart(from)) &&
    (!to || entry.at < dayStart(to, 1)) &&
    (!q || fold(textOf(entry)).includes(fold(q)))
  );
}

const isSame = (value: string, id: string | null, email: string | null): boolean =>
  value === id || value.toLowerCase() === email?.toLowerCase();

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

const textOf = ({ actorEmail, targetEmail, action, address, requestId, detail }: AuditEntry): string =>
  [actorEmail, targetEmail, action, address, requestId, JSON.stringify(detail)].join('\n');

/** The local midnight at the beginning of a day, or of a later one; `NaN` for anything else. */
function dayStart(day: string, later = 0): number {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  return year === undefined ? Number.NaN : new Date(Number(year), Number(month) - 1, Number(date) + later).getTime();
}
