/** What a statement can be given. Lists and records go as JSON text, which both databases can take apart. */
export type SqlValue = string | number | bigint | boolean | null;

/** A row as the driver hands it out: PostgreSQL gives 64-bit numbers as text, SQLite gives booleans as numbers. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A plain SQL statement that is prepared once and run many times. Made by `statement`. */
export interface Statement {
  /** With `$1`, `$2` ... as places for the values. */
  readonly postgresql: string;
  /** With `?` as places for the values. */
  readonly sqlite: string;
  /** For each `?` the index of its value. */
  readonly order: readonly number[];
}

/**
 * Describes a statement of the ways that are taken too often for an ORM or a query builder. Values stand as `$1`,
 * `$2` ... and are bound, never written into the text. They live in files `*.statements.ts`: a test prepares each of
 * them against the schema that the entities describe.
 *
 * @param text the same for both databases, or one for each
 */
export function statement(text: string | { readonly sqlite: string; readonly postgresql: string }): Statement {
  const texts = typeof text === 'string' ? { sqlite: text, postgresql: text } : text;
  const order: number[] = [];
  const sqlite = texts.sqlite.replaceAll(/\$(\d+)/g, (_place, number: string) => {
    order.push(Number(number) - 1);
    return '?';
  });
  return { postgresql: texts.postgresql, sqlite, order };
}

/** The values of a statement in the order in which SQLite binds them. */
export const sqliteValues = ({ order }: Statement, values: readonly SqlValue[]): (string | number | bigint | null)[] =>
  order.map((index) => {
    const value = values[index] ?? null;
    return typeof value === 'boolean' ? Number(value) : value;
  });

/** One statement with its values, and the rows that it answers with: how `Database.steps` is driven. */
export type Query = readonly [statement: Statement, values: readonly SqlValue[]];

/**
 * A transaction written as a generator: it yields one query after the other and is given the rows of each. SQLite runs
 * it in one go, without a promise.
 */
export type Steps<T> = Generator<Query, T, readonly SqlRow[]>;
