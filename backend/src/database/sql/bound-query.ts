import { isRaw, JsonProperty, type Platform, raw, type RawQueryFragment, Utils } from '@mikro-orm/core';
import { NativeQueryBuilder } from '@mikro-orm/sql';
import { CompiledQuery, type QueryResult } from 'kysely';

/** What the ORM asks its connection for. */
export type OrmQuery = string | NativeQueryBuilder | RawQueryFragment;
/** Lists for `?`, records for `:name`. */
export type OrmParams = readonly unknown[] | Record<string, unknown>;

/** A statement with places for its values. */
export interface BoundQuery {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** A place of the ORM's: for a name, for a question mark that is none, for a value. */
const PLACE = /\?\?|\\\?|\?/g;

/**
 * Makes of a query of the ORM's one with bound values. The ORM itself writes all values into the text; there a NUL ends
 * the statement, and every statement is another one that the database has to prepare. Texts, JSON and numbers are
 * bound; what is left can hold nothing from outside: `null`, booleans, dates and bytes in hexadecimal digits.
 *
 * @param place how the database writes the place of its n-th value, from 1
 */
export function bindQuery(
  platform: Platform,
  place: (n: number) => string,
  query: { readonly sql: string; readonly params: readonly unknown[] },
): BoundQuery {
  const values: (string | number)[] = [];
  const bind = (value: string | number): string => place(values.push(value));

  const write = (value: unknown): string => {
    if (isRaw(value)) return fill(value.sql, value.params);
    if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return bind(value);
    if (isJson(value)) return bind(JSON.stringify(value));
    if (Array.isArray(value)) return value.map(write).join(', ');
    return String(platform.quoteValue(value));
  };
  const fill = (sql: string, params: readonly unknown[]): string => {
    if (params.length === 0) return sql;
    let next = 0;
    return sql.replaceAll(PLACE, (found) => {
      if (found === '\\?') return '?';
      const param = params[next];
      next += 1;
      return found === '??' ? platform.quoteIdentifier(String(param)) : write(param);
    });
  };
  return { sql: fill(query.sql, query.params), values };
}

/** The ORM marks the lists of columns that hold JSON; other lists are those of an `in`. */
const isJson = (value: unknown): boolean =>
  Utils.isPlainObject(value) || (typeof value === 'object' && value !== null && JsonProperty in value);

/** A query in any of the ORM's forms, as text with `?` and a list of values. */
export function readQuery(
  query: OrmQuery,
  params: OrmParams,
): { readonly sql: string; readonly params: readonly unknown[] } {
  const fragment = query instanceof NativeQueryBuilder ? query.toRaw() : query;
  if (typeof fragment !== 'string') return { sql: fragment.sql, params: fragment.params };
  return isList(params) ? { sql: fragment, params } : readQuery(raw(fragment, params), []);
}

const isList = (params: OrmParams): params is readonly unknown[] => Array.isArray(params);

/** What runs a query: a transaction of Kysely's or Kysely itself. */
export interface QueryTarget {
  executeQuery(query: CompiledQuery, options?: object): Promise<QueryResult<unknown>>;
}

/**
 * Takes the place of the target that the ORM runs a text on, and gives the values along, which the ORM knows no way to.
 * @param target asked for when the query runs: the ORM connects before that
 */
export const withValues = ({ sql, values }: BoundQuery, target: () => QueryTarget): QueryTarget => ({
  executeQuery: (_query, options) => target().executeQuery(CompiledQuery.raw(sql, [...values]), options),
});
