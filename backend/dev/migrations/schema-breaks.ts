import type { SchemaDescription, TableDescription } from './schema-catalogue.js';

/**
 * What a schema takes away from a version that was written for `before`, one sentence each. During a rolling upgrade, that
 * version reads and writes a database that has `after`. Additions that its statements do not notice are not listed.
 */
export function schemaBreaks(before: SchemaDescription, after: SchemaDescription): string[] {
  const old = Object.entries(before).flatMap(([name, table]) => {
    const next = after[name];
    return next
      ? [...columnBreaks(name, table, next), ...ruleBreaks(name, table, next)]
      : [`${name} is dropped or renamed`];
  });
  const added = Object.entries(after).filter(([name]) => !(name in before));
  return [...old, ...added.flatMap(([name, table]) => holdsBreaks(name, table, before))];
}

function columnBreaks(table: string, before: TableDescription, after: TableDescription): string[] {
  const kept = Object.entries(before.columns).flatMap(([name, was]) => {
    const column = `${table}.${name}`;
    const is = after.columns[name];
    if (is === undefined) return [`${column} is dropped or renamed`];
    const [old, next] = [parse(was), parse(is)];
    return [
      ...(isSameOrLonger(old.type, next.type) ? [] : [`${column} changes its type from ${old.type} to ${next.type}`]),
      ...(next.isRequired && !old.isRequired ? [`${column} becomes not null`] : []),
      ...(next.isRequired && old.hasDefault && !next.hasDefault ? [`${column} loses its default`] : []),
    ];
  });
  const added = Object.entries(after.columns).filter(([name]) => !(name in before.columns));
  const required = added.filter(([, is]) => parse(is).isRequired && !parse(is).hasDefault);
  return [...kept, ...required.map(([name]) => `${table}.${name} is new and not null without a default`)];
}

/** Rules that are gone may have been used (`on conflict`, cascades); new ones may refuse what is written. */
function ruleBreaks(table: string, before: TableDescription, after: TableDescription): string[] {
  const gone = before.rules.filter((rule) => !after.rules.includes(rule) && !/^check\b/.test(rule));
  const added = after.rules.filter((rule) => !before.rules.includes(rule));
  const refusing = added.filter((rule) => !isHarmless(rule, before, after));
  return [...gone.map((rule) => `${table} loses: ${rule}`), ...refusing.map((rule) => `${table} gets: ${rule}`)];
}

/** A rule that no row of the version before can break, because it leaves the new columns empty; and triggers. */
function isHarmless(rule: string, before: TableDescription, after: TableDescription): boolean {
  if (/^create trigger\b/i.test(rule)) return true;
  const isNamed = (column: string): boolean =>
    new RegExp(String.raw`\b${column}\b`).test(rule.replace(/ references .*/, ''));
  const added = Object.keys(after.columns).filter((column) => !(column in before.columns) && isNamed(column));
  const isEmpty = (column: string): boolean => /^(?!.*\b(?:not null|default)\b)/.test(after.columns[column] ?? '');
  if (/^check\b/.test(rule)) return added.length > 0 && !Object.keys(before.columns).some(isNamed);
  return added.some(isEmpty);
}

/** A new table must not hold on to rows that the version before deletes. */
function holdsBreaks(name: string, { rules }: TableDescription, before: SchemaDescription): string[] {
  return rules.flatMap((rule) => {
    const [, target = ''] = /^foreign key .* references (\w+)/.exec(rule) ?? [];
    const isHolding = target in before && !/ on delete (cascade|set null|set default)/.test(rule);
    return isHolding ? [`${name} keeps rows of ${target} from being deleted: ${rule}`] : [];
  });
}

interface Column {
  readonly type: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
}

function parse(column: string): Column {
  const [declared = '', ...fallback] = column.split(/ default /);
  const isRequired = declared.endsWith(' not null');
  return { type: declared.replace(/ not null$/, ''), isRequired, hasDefault: fallback.length > 0 };
}

/** Other types are read in another form by the drivers, even if every value fits. */
function isSameOrLonger(before: string, after: string): boolean {
  if (before === after) return true;
  const [was, is] = [lengthOf(before), lengthOf(after)];
  return was !== undefined && is !== undefined && is >= was;
}

function lengthOf(type: string): number | undefined {
  if (type === 'text') return Number.POSITIVE_INFINITY;
  const [, length] = /^character varying\((\d+)\)$/.exec(type) ?? [];
  return length === undefined ? undefined : Number(length);
}
