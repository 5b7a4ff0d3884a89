import { isRaw, JsonProperty, type Platform, raw, type RawQueryFragment, Utils } from '@mikro-orm/core';
import { NativeQueryBuilder } from '@mikro-orm/sql';
import { CompiledQuery, type QueryResult } from 'kysely';

/** The forms of a query that the ORM passes to its connection. */
export type OrmQuery = string | NativeQueryBuilder | RawQueryFragment;
/** A list for `?`, or a record for `:name`. */
export type OrmParams = readonly unknown[] | Record<string, unknown>;

/** A statement with placeholders, and its values. */
export interface BoundQuery {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** The ORM's placeholders: for a name, for a literal question mark, and for a value. */
const PLACE = /\?\?|\\\?|\?/g;

/**
 * Converts a query of the ORM to one with bound values. The ORM itself writes all values into the text, where a NUL
 * would end the statement, and where every statement is a new one that the database has to prepare. Texts, JSON and
 * numbers are bound; the other values cannot contain text from clients: `null`, booleans, dates and bytes in
 * hexadecimal.
 *
 * @param place returns the database's placeholder of the n-th value, from 1
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

/** The ORM marks lists that are values of JSON columns; other lists belong to an `in`. */
const isJson = (value: unknown): boolean =>
  Utils.isPlainObject(value) || (typeof value === 'object' && value !== null && JsonProperty in value);

/** Converts a query in any of the ORM's forms to a text with `?` and a list of values. */
export function readQuery(
  query: OrmQuery,
  params: OrmParams,
): { readonly sql: string; readonly params: readonly unknown[] } {
  const fragment = query instanceof NativeQueryBuilder ? query.toRaw() : query;
  if (typeof fragment !== 'string') return { sql: fragment.sql, params: fragment.params };
  return isList(params) ? { sql: fragment, params } : readQuery(raw(fragment, params), []);
}

const isList = (params: OrmParams): params is readonly unknown[] => Array.isArray(params);

/** The object that runs a query: a transaction of Kysely, or Kysely itself. */
export interface QueryTarget {
  executeQuery(query: CompiledQuery, options?: object): Promise<QueryResult<unknown>>;
}

/**
 * Wraps the target on which the ORM runs a text, to add the bound values, which the ORM does not support.
 * @param target called when the query runs, because the ORM connects only just before
 */
export const withValues = ({ sql, values }: BoundQuery, target: () => QueryTarget): QueryTarget => ({
  executeQuery: (_query, options) => target().executeQuery(CompiledQuery.raw(sql, [...values]), options),
});
